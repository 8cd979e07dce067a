"""A reader without JavaScript: opens pages, fills in forms, presses buttons, follows redirects."""

from __future__ import annotations

from dataclasses import dataclass, field
from html.parser import HTMLParser
from urllib.parse import urlencode

import httpx

_VOID = {"input", "meta", "link", "br", "path", "rect"}


@dataclass
class Button:
    label: str
    name: str
    value: str


@dataclass
class Form:
    action: str
    fields: list[tuple[str, str]] = field(default_factory=list)
    boxes: dict[str, bool] = field(default_factory=dict)
    buttons: list[Button] = field(default_factory=list)


class Page(HTMLParser):
    """What a page shows: its words, its forms, its links."""

    def __init__(self, answer: httpx.Response) -> None:
        super().__init__()
        self.answer, self.status, self.html = answer, answer.status_code, answer.text
        self.forms: list[Form] = []
        self.links: dict[str, str] = {}
        self._words: list[str] = []
        self._open: list[str] = []
        self._form: Form | None = None
        self._button: Button | None = None
        self._link = ""
        self.feed(self.html)

    @property
    def text(self) -> str:
        return " ".join(" ".join(self._words).split())

    def form(self, action: str) -> Form:
        return next(form for form in reversed(self.forms) if form.action == action)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        have = {name: value or "" for name, value in attrs}
        if tag not in _VOID:
            self._open.append(tag)
        if tag == "form":
            self._form = Form(have["action"])
            self.forms.append(self._form)
        elif tag == "input" and self._form is not None:
            if have.get("type") == "checkbox":
                self._form.boxes[have["value"]] = "checked" in have
            elif have.get("type") != "radio" or "checked" in have:
                self._form.fields.append((have.get("name", ""), have.get("value", "")))
        elif tag == "button" and self._form is not None:
            self._button = Button("", have.get("name", ""), have.get("value", ""))
            self._form.buttons.append(self._button)
        elif tag == "a":
            self._link = have.get("href", "")

    def handle_endtag(self, tag: str) -> None:
        if tag in self._open:
            while self._open.pop() != tag:
                pass
        if tag == "form":
            self._form = None
        elif tag == "button":
            self._button = None
        elif tag == "a":
            self._link = ""

    def handle_data(self, data: str) -> None:
        if "script" in self._open or "style" in self._open:
            return
        self._words.append(data)
        if self._button is not None:
            self._button.label = f"{self._button.label} {data}".strip()
        if self._link and data.strip():
            self.links[data.strip()] = self._link


class Visitor:
    """One browser with its cookies. `page` is what it looks at."""

    def __init__(self, client: httpx.AsyncClient, home: str = "/") -> None:
        self.client, self.home = client, home
        self.page: Page

    async def open(self, path: str = "") -> Page:
        self.page = Page(await self.client.get(path or self.home, follow_redirects=True))
        return self.page

    async def say(self, text: str) -> Page:
        form = self.page.form("/gui")
        return await self.send(form, [*form.fields, ("tin", text)])

    async def press(self, label: str) -> Page:
        """The last button whose label starts like that."""
        found = [(form, button) for form in self.page.forms for button in form.buttons if label in button.label]
        form, button = found[-1]
        return await self.send(form, [*form.fields, (button.name, button.value)] if button.name else form.fields)

    async def tick(self, *have: str) -> Page:
        form = self.page.form("/danh-dau")
        return await self.send(form, [*form.fields, *(("co", paper) for paper in have)])

    async def send(self, form: Form, fields: list[tuple[str, str]]) -> Page:
        answer = await self.post(form.action, fields)
        self.page = Page(answer if answer.status_code != 303 else await self.client.get(answer.headers["location"]))
        return self.page

    async def post(self, action: str, fields: list[tuple[str, str]]) -> httpx.Response:
        return await self.client.post(action, content=urlencode(fields), headers={"content-type": "application/x-www-form-urlencoded"})
