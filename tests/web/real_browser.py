"""A browser of its own process: goes to an address, and says what is seen once it shows none with a query."""

import json
import sys

from PySide6.QtCore import QUrl
from PySide6.QtWebEngineWidgets import QWebEngineView
from PySide6.QtWidgets import QApplication


def main() -> None:
    application = QApplication(sys.argv[:1])
    view = QWebEngineView()
    view.show()

    def tell() -> None:
        seen = {
            "address": view.url().toString(),
            "title": view.title(),
            "history": [item.url().toString() for item in view.history().items()],
        }
        view.page().toPlainText(lambda text: end({**seen, "text": text}))

    def end(seen: dict[str, object]) -> None:
        sys.stdout.write(json.dumps(seen))
        sys.stdout.flush()
        application.quit()

    def look(_news: object) -> None:
        if not view.page().isLoading() and not view.url().hasQuery():
            view.loadFinished.disconnect(look)
            view.urlChanged.disconnect(look)
            tell()

    view.loadFinished.connect(look)
    view.urlChanged.connect(look)
    view.load(QUrl(sys.argv[1]))
    application.exec()
    view.page().deleteLater()


main()
