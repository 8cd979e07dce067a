"""The chat as a citizen uses it, with a script and without."""

from __future__ import annotations

import re

from playwright.sync_api import Browser, Page, Route, expect

from tests.browser.conftest import EMBEDDING
from tests.browser.live import Live
from tests.browser.looking import ask, saved, somebody, to_the_list


def test_from_a_question_to_a_ticked_and_printed_list(phone: Page) -> None:
    to_the_list(phone)
    with saved(phone):
        phone.check("label.tick:has-text('Tờ khai') input")
        if phone.locator("[data-save] button").first.is_visible():
            phone.click("[data-save] button")
    expect(phone.locator("p.have")).to_be_visible()
    phone.reload()
    assert phone.is_checked("label.tick:has-text('Tờ khai') input")
    phone.click("a.choice:has-text('In hoặc lưu')")
    expect(phone.locator("h1")).to_have_text("Giấy tờ cần mang")
    assert phone.is_checked(".boxes label:has-text('Tờ khai') input")
    assert not phone.is_checked(".boxes label:has-text('Giấy báo tử') input")


def test_the_newest_answer_is_in_view_after_a_post(phone: Page) -> None:
    to_the_list(phone)
    phone.wait_for_timeout(200)
    expect(phone.locator("#moi")).to_be_in_viewport()


def test_the_script_does_not_load_pages_and_leaves_the_field_alone(page: Page) -> None:
    page.evaluate("window.same = true")
    to_the_list(page)
    assert page.evaluate("window.same")
    assert page.evaluate("document.activeElement.id") == "tin"
    assert page.input_value("#tin") == ""
    assert page.locator("li.me").count() == 3
    assert len(page.context.cookies()) == 1


def test_the_same_question_twice_from_one_page_is_two_messages(page: Page) -> None:
    for number in (1, 2):
        ask(page, "sao y bản chính")
        expect(page.locator("li.me")).to_have_count(number)


def test_a_reply_of_staff_appears_by_itself(page: Page, live: Live) -> None:
    ask(page, "ba em mới mất")
    page.wait_for_selector("text=Câu 1")
    page.fill("#tin", "đang gõ dở")
    page.evaluate("window.same = true")
    live.staff_says("Cán bộ: ngày mai quầy mở lúc 07:30.")
    expect(page.locator("text=Cán bộ: ngày mai")).to_be_visible()
    assert page.evaluate("window.same")
    assert page.input_value("#tin") == "đang gõ dở"
    assert page.evaluate("document.activeElement.id") == "tin"


def test_without_streams_the_page_asks_now_and_then(chromium: Browser, live: Live) -> None:
    with somebody(chromium, live) as context:
        page = context.new_page()
        page.add_init_script("delete window.EventSource")
        page.clock.install()
        page.goto("/")
        ask(page, "ba em mới mất")
        page.wait_for_selector("text=Câu 1")
        live.staff_says("Cán bộ trả lời qua hỏi lại.")
        page.clock.fast_forward(16_000)
        expect(page.locator("text=Cán bộ trả lời qua hỏi lại")).to_be_visible()


def test_two_tabs_show_the_same_ticks(page: Page, live: Live) -> None:
    to_the_list(page)
    other = page.context.new_page()
    other.goto("/")
    page.check("label.tick:has-text('Tờ khai') input")
    expect(other.locator("label.tick:has-text('Tờ khai') input")).to_be_checked()


def test_offline_nothing_typed_is_lost(page: Page) -> None:
    page.context.set_offline(True)
    ask(page, "ba em mới mất")
    expect(page.locator("[data-status]")).to_contain_text("Mất mạng")
    assert page.input_value("#tin") == "ba em mới mất"
    page.context.set_offline(False)
    page.click("[data-composer] button")
    page.wait_for_selector("text=Câu 1")
    expect(page.locator("[data-status]")).to_be_hidden()


def test_a_page_left_open_too_long_sends_all_the_same(page: Page) -> None:
    page.evaluate("document.querySelectorAll('input[name=ma]').forEach(i => i.value = 'old')")
    ask(page, "ba em mới mất")
    page.wait_for_selector("text=Câu 1")


def test_a_page_left_open_too_long_keeps_the_text_without_script(plain: Page, live: Live) -> None:
    plain.route("**/gui", _with_an_old_token)
    ask(plain, "ba em mới mất")
    expect(plain.locator("text=Trang để lâu quá")).to_be_visible()
    assert plain.input_value("#tin") == "ba em mới mất"
    plain.unroute("**/gui")
    plain.click("[data-composer] button")
    plain.wait_for_selector("text=Câu 1")


def _with_an_old_token(route: Route) -> None:
    route.continue_(post_data=re.sub(r"ma=[^&]+", "ma=old", route.request.post_data or ""))


def test_keyboard_only(page: Page) -> None:
    page.keyboard.press("Tab")
    expect(page.locator(".skip")).to_be_focused()
    page.keyboard.press("Enter")
    page.focus("#tin")
    page.keyboard.type("ba em mới mất")
    page.keyboard.press("Enter")
    page.wait_for_selector("text=Câu 1")
    first = page.locator("button.choice[value='1']").last
    for _ in range(40):
        page.keyboard.press("Shift+Tab")
        if first.evaluate("e => e === document.activeElement"):
            break
    page.keyboard.press("Enter")
    page.wait_for_selector("text=Câu 2")


def test_composing_letters_does_not_send(page: Page) -> None:
    page.fill("#tin", "khai tu")
    page.dispatch_event("#tin", "keydown", {"key": "Enter", "isComposing": True})
    assert page.locator("li.me").count() == 0


def test_the_look_is_chosen_by_plain_links(plain: Page) -> None:
    plain.click("text=Rất lớn")
    plain.click("text=Ngoài nắng")
    plain.wait_for_load_state()
    assert plain.evaluate("[document.documentElement.dataset.size, document.documentElement.dataset.theme].join()") == "larger,sun"
    assert plain.url.endswith("/")


def test_embedded_in_another_sites_page(chromium: Browser, live: Live) -> None:
    html = f'<!doctype html><html lang="vi"><title>Xã</title><h1>Trang của xã</h1><script src="{live.address}/nhung.js"></script></html>'
    policy = f"default-src 'none'; script-src {live.address}; frame-src {live.address}"
    with somebody(chromium, live, viewport={"width": 1000, "height": 800}) as context:
        page = context.new_page()
        page.route(f"{EMBEDDING}/", lambda route: route.fulfill(body=html, content_type="text/html", headers={"Content-Security-Policy": policy}))
        page.goto(f"{EMBEDDING}/")
        page.click("button:has-text('Hỏi thủ tục')")
        frame = page.frame_locator("iframe")
        to_the_list(frame)
        frame.locator("label.tick:has-text('Tờ khai') input").check()
        live.staff_says("Cán bộ nhắn vào khung.")
        frame.locator("text=Cán bộ nhắn vào khung").wait_for()
        assert context.cookies() == []
        page.keyboard.press("Escape")
        page.click("button:has-text('Đóng')")
        expect(page.locator("iframe")).to_be_hidden()


def test_a_site_that_is_not_named_cannot_frame_the_chat(chromium: Browser, live: Live) -> None:
    body = f'<iframe src="{live.address}/khung"></iframe>'
    with somebody(chromium, live) as context:
        page = context.new_page()
        page.route("http://other.example/", lambda route: route.fulfill(body=body, content_type="text/html"))
        page.goto("http://other.example/")
        page.wait_for_timeout(500)
        assert page.frame_locator("iframe").locator("#tin").count() == 0
