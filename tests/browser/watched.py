"""A page whose requests and complaints are kept."""

from contextlib import contextmanager

WIDTHS = ((1366, 768), (768, 1024), (390, 844))
SLIDERS = ("depth", "energy", "density", "dose", "sessions", "spacing", "phototype", "spf", "weeks", "uv")


class Watched:
    def __init__(self, page):
        self.page, self.requests, self.complaints = page, [], []
        page.on("request", lambda request: self.requests.append(request.url))
        page.on("console", self._hear)
        page.on("pageerror", lambda error: self.complaints.append(str(error)))

    def _hear(self, message):
        if message.type in ("error", "warning"):
            self.complaints.append(message.text)

    def check(self):
        assert not self.complaints
        assert all(url.startswith(("file:", "data:", "blob:")) for url in self.requests)


@contextmanager
def watched(browser, address, query="", **options):
    """A page that may not have complained or asked for anything when the block ends."""
    context = browser.new_context(**options)
    seen = Watched(context.new_page())
    seen.page.goto(address + ("#" + query if query else ""))
    yield seen
    seen.check()
    context.close()
