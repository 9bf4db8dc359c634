"""The tool behind `make translations` finds each kind of fault, in a small house of its own."""

from __future__ import annotations

from pathlib import Path

import pytest
from words import catalogues, extraction, faults, unmarked


@pytest.fixture
def house(tmp_path: Path) -> Path:
    """A surface with a template and a module, its catalogue written and empty."""
    (tmp_path / "web/shop/templates").mkdir(parents=True)
    (tmp_path / "web/shop/templates/page.html").write_text(
        "{% load i18n %}\n  {% blocktranslate trimmed %}\n    Hello,\n    {{ name }}\n  {% endblocktranslate %}"
    )
    (tmp_path / "web/shop/words.py").write_text('ONE = ngettext_lazy("%(n)s apple", "%(n)s apples")\n')
    write(tmp_path)
    return tmp_path


def write(house: Path) -> None:
    kept = catalogues.known(house)["ru"]
    for folder, messages in extraction.by_folder(house).items():
        catalogues.write(folder, "ru", messages, kept)


def translate(house: Path, **words: object) -> None:
    """Fill in the catalogue: `greeting`, `apples`."""
    path = house / "web/shop/locale/ru/LC_MESSAGES/django.po"
    catalogue = catalogues.read(path, "ru")
    for message in catalogue:
        if message.id == "Hello, %(name)s":
            message.string = str(words.get("greeting", "Привет, %(name)s"))
        elif message.id:
            message.string = words.get("apples", ("%(n)s яблоко", "%(n)s яблока", "%(n)s яблок"))  # type: ignore[assignment]
    path.write_bytes(catalogues._po(catalogue))
    path.with_suffix(".mo").write_bytes(catalogues.compiled(catalogues.read(path, "ru")))


def test_templates_and_modules_are_read(house: Path) -> None:
    assert len(faults.missing(house)) == 2


def test_a_whole_catalogue_has_no_faults(house: Path) -> None:
    translate(house)
    assert faults.all_of(house) == []


def test_writing_anew_keeps_what_is_translated_and_changes_nothing(house: Path) -> None:
    translate(house)
    before = {path: path.read_bytes() for path in house.rglob("django.*")}
    write(house)
    assert {path: path.read_bytes() for path in house.rglob("django.*")} == before


@pytest.mark.parametrize(
    ("words", "fault"),
    [
        ({"greeting": "Привет, %(nam)s"}, "placeholders differ"),
        ({"greeting": "Привет"}, "placeholders differ"),
        ({"apples": ("%(n)s яблоко", "", "%(n)s яблок")}, "missing"),
        ({"greeting": ""}, "missing"),
    ],
)
def test_an_odd_translation_is_found(house: Path, words: dict[str, object], fault: str) -> None:
    translate(house, **words)
    assert any(line.startswith(fault) for line in faults.all_of(house))


def test_a_string_that_no_source_asks_for_is_obsolete(house: Path) -> None:
    translate(house)
    (house / "web/shop/words.py").write_text("")
    assert any(line.startswith("obsolete") for line in faults.all_of(house))


def test_a_fuzzy_translation_is_found(house: Path) -> None:
    translate(house)
    path = house / "web/shop/locale/ru/LC_MESSAGES/django.po"
    path.write_text(path.read_text().replace('msgid "Hello', '#, fuzzy\nmsgid "Hello'))
    assert any(line.startswith("fuzzy") for line in faults.all_of(house))


def test_a_binary_that_is_older_than_its_text_is_found(house: Path) -> None:
    translate(house)
    path = house / "web/shop/locale/ru/LC_MESSAGES/django.po"
    path.write_text(path.read_text().replace("Привет", "Здравствуйте"))
    assert any(line.startswith("not compiled") for line in faults.all_of(house))


def test_one_string_translated_in_two_ways_is_found(house: Path) -> None:
    translate(house)
    (house / "web/words.py").write_text('HELLO = gettext("Hello, %(name)s")\n')
    write(house)
    path = house / "web/locale/ru/LC_MESSAGES/django.po"
    assert "Привет, %(name)s" in path.read_text()
    path.write_text(path.read_text().replace("Привет", "Хай"))
    assert any(line.startswith("translated in two ways") for line in faults.all_of(house))


@pytest.mark.parametrize(
    "template",
    [
        "<p>Hello</p>",
        '<img alt="A cat">',
        "<p>{% if name %}Hello{% endif %}</p>",
        '<input placeholder="Name">',
    ],
)
def test_words_that_nobody_marked_are_found(house: Path, template: str) -> None:
    (house / "web/shop/templates/page.html").write_text(template)
    assert len(unmarked.words(house)) == 1


@pytest.mark.parametrize(
    "template",
    [
        "<p>{{ name }} · nproxy, 12:00 UTC</p>",
        '<p class="Hello" id="x">{% translate "Hello" %}</p>',
        "{% comment %}Hello{% endcomment %}",
    ],
)
def test_values_names_and_marked_words_are_not(house: Path, template: str) -> None:
    (house / "web/shop/templates/page.html").write_text(template)
    assert unmarked.words(house) == []
