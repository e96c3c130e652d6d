"""A robots.txt that can't be read."""

import logging

from scrapy.exceptions import IgnoreRequest
from scrapy.http import Request
from scrapy.http.request import NO_CALLBACK

from xfiles.failures import describe

logger = logging.getLogger(__name__)


class UnreadRobotsMiddleware:
    """Logs a robots.txt that can't be read in one line; Scrapy would log an error with a traceback.

    Such a robots.txt forbids nothing. Between RobotsTxtMiddleware and RetryMiddleware.
    """

    def process_exception(self, request: Request, exception: Exception) -> None:
        if request.callback is NO_CALLBACK and request.meta.get("dont_obey_robotstxt"):
            if not isinstance(exception, IgnoreRequest):
                logger.warning("%s can't be read: %s", request.url, describe(exception))
            raise IgnoreRequest("robots.txt can't be read") from exception
