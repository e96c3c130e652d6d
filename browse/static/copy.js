// A line's # copies its address. Without this, it is the link that it looks like.
document.addEventListener("click", async (event) => {
  const link = event.target.closest("a.anchor");
  if (!link || !navigator.clipboard || event.ctrlKey || event.metaKey || event.shiftKey) return;
  event.preventDefault();
  try {
    await navigator.clipboard.writeText(link.href);
    link.dataset.done = "copied";
    setTimeout(() => delete link.dataset.done, 2000);
  } catch {
    location = link.href;
  }
});
