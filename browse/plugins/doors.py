"""What the pages leave shut of Datasette: its pages about itself, and whatever isn't a question."""

from datasette import NotFound, Response, hookimpl
from datasette.utils import tilde_encode


@hookimpl
def register_routes():
    # Its styles, and its version, by which a monitor sees that it runs.
    return [(r"/-/(?!static/|static-plugins/|versions\.json$)", shut), (r".*[{}]", encoded)]


def shut():
    """Datasette's threads, settings and files are its keeper's business."""
    raise NotFound("404")


def encoded(request):
    """A path with braces might name a template's file: Datasette's own encoding of it doesn't."""
    path = request.path.replace("{", tilde_encode("{")).replace("}", tilde_encode("}"))
    return Response.redirect("/" + path.lstrip("/"))  # two slashes would name another host


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
