"""What the pages leave shut of Datasette: its pages about itself, and whatever isn't a question."""

from datasette import NotFound, Response, hookimpl
from datasette.utils import tilde_encode


@hookimpl
def register_routes():
    # Its styles, and its version, by which a monitor sees that it runs.
    return [(r"/-/(?!static/|static-plugins/|versions\.json$)", shut), (r".*[{}%]", encoded)]


def shut():
    """Datasette's threads, settings and files are its keeper's business."""
    raise NotFound("404")


def encoded(request, datasette):
    """Datasette's own encoding: a path with braces might name a template's file, and where Datasette itself leads from
    a browser's encoding to its own, it forgets base_url."""
    base = datasette.setting("base_url")
    path = request.path.removeprefix(base).lstrip("/")  # two slashes would name another host
    if "%" in path:
        path = path.replace("~", "~7E").replace(".", "~2E").replace("%", "~")
    for brace in "{}":
        path = path.replace(brace, tilde_encode(brace))
    return Response.redirect(base + path + (f"?{request.query_string}" if request.query_string else ""))


@hookimpl
def asgi_wrapper(datasette):
    """Answer what is no question with 405: Datasette has pages that fail on it."""

    def wrap(app):
        async def answer(scope, receive, send):
            if scope["type"] != "http" or scope["method"] in ("GET", "HEAD"):
                return await app(scope, receive, send)
            error = "These pages only answer questions: ask by GET."
            page = datasette.jinja_env.get_template("error.html").render_async(
                status=405, error=error, urls=datasette.urls
            )
            await Response.html(await page, status=405, headers={"Allow": "GET, HEAD"}).asgi_send(send)

        return answer

    return wrap
