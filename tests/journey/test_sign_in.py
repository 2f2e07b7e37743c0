from playwright.sync_api import Page, expect


def test_sign_in_page_is_whole_on_a_desk_and_on_a_phone(page: Page) -> None:
    page.goto("/sign-in")

    expect(page.get_by_role("heading", level=1)).to_be_visible()
    page.set_viewport_size({"width": 390, "height": 844})
    assert page.evaluate("document.documentElement.scrollWidth") == 390
