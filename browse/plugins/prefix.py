"""A proxy may leave base_url in the path that it passes on: Datasette's own links would have it twice."""

from datasette import hookimpl


@hookimpl
def asgi_wrapper(datasette):
    base = datasette.setting("base_url")

    def wrap(app):
        async def answer(scope, receive, send):
            if scope["type"] == "http" and scope["path"].startswith(base):
                path, raw = scope["path"], scope.get("raw_path") or scope["path"].encode()
                scope = scope | {"path": path[len(base) - 1 :], "raw_path": raw[len(base) - 1 :]}
            await app(scope, receive, send)

        return answer

    return wrap
