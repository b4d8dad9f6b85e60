"""Templates say what is known of somebody in their language, never more than that, and never for longer than allowed."""

from __future__ import annotations

import re
import time
from datetime import date
from html.parser import HTMLParser
from typing import Any

import pytest

from crm360.outreach import dressing, liquid_limits, rendering, vocabulary
from crm360.outreach.rendering import BadTemplate


class Inspector(HTMLParser):
    """Looks at a message as a mail program reads it and notes whatever could act."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in ("script", "iframe", "object", "embed", "form", "svg", "math", "link", "base", "style", "template"):
            self.found.append(tag)
        for name, value in attrs:
            said = re.sub(r"[\s\x00-\x20]", "", value or "").lower()
            if name.startswith("on") or name == "http-equiv" or re.match(r"(javascript|vbscript|data):", said):
                self.found.append(f"{tag} {name}")
            if name == "style" and re.search(r"url\(|expression|@import", said):
                self.found.append(f"{tag} {name}")


def harm(html: str) -> list[str]:
    inspector = Inspector()
    inspector.feed(html)
    return inspector.found


def render(source: str, *, part: str = "html", locale: str = "pl", **values: Any) -> rendering.Rendered:
    contents = {"subject": "S", "text": "T"} | {part: source}
    given = vocabulary.example()
    given["person"].update(values)
    return rendering.compiled(contents, locale=locale).render(given)


def shown(source: str, *, locale: str = "pl", **values: Any) -> str:
    return render(source, part="text", locale=locale, **values).text.strip()


@pytest.mark.parametrize(
    ("source", "polish", "english"),
    [
        ("{{ person.given_name | vocative }}", "Anno", "Anna"),
        ("{{ person.orders }} {{ person.orders | plural: 'a', 'b', 'c' }}", "3 b", "3 b"),
        ("{{ 22 | plural: 'punkt', 'punkty', 'punktów' }}", "punkty", "punkty"),
        ("{{ 12 | plural: 'punkt', 'punkty', 'punktów' }}", "punktów", "punkty"),
        ("{{ 1 | plural: 'point', 'points' }}", "point", "point"),
        ("{{ person.last_purchase_on | date }}", "14 lutego 2026", "February 14, 2026"),
        ("{{ person.last_purchase_on | date: 'd MMM' }}", "14 lut", "14 Feb"),
        ("{{ '2026-03-02T23:30:00+00:00' | date: 'short' }}", "2.03.2026", "3/2/26"),
        ("{{ person.spent | money }}", "312,00\N{NO-BREAK SPACE}zł", "PLN\N{NO-BREAK SPACE}312.00"),
        ("{{ 1234.5 | number }}", "1\N{NO-BREAK SPACE}234,5", "1,234.5"),
        ("{{ person.nickname | default: 'friend' }}", "friend", "friend"),
        ("{% for each in person.cart %}{{ each.quantity }} × {{ each.name }}{% endfor %}", "1 × Wool blanket, moss", "1 × Wool blanket, moss"),
        ("{% if person.nickname %}yes{% else %}no{% endif %}", "no", "no"),
    ],
)  # fmt: skip
def test_values_are_written_as_the_reader_writes_them(source: str, polish: str, english: str) -> None:
    assert shown(source) == polish
    assert shown(source, locale="en").replace(" ", " ") == english.replace(" ", " ")


@pytest.mark.parametrize(
    ("source", "kind"),
    [
        ("{{ person.city }}", "missing"), ("{{ person.spent | money }}", "missing"), ("{{ person.shoe_size }}", "unknown"),
        ("{{ nobody | default: 1 }}", "unknown"), ("{{ person.city", "syntax"), ("{% if %}", "syntax"),
        ("{{ person.city | shout }}", "syntax"), ("{% include 'x' %}", "syntax"), ("{% render 'nothing' %}", "syntax"),
        ("{% for i in (1..9999999) %}x{% endfor %}", "limits"), ("", "empty"),
    ],
)  # fmt: skip
def test_a_template_that_could_not_speak_to_everybody_is_refused(source: str, kind: str) -> None:
    with pytest.raises(BadTemplate) as refused:
        rendering.check(rendering.compiled({"subject": "S", "text": source}, locale="pl"))
    assert refused.value.kind == kind


def test_blocks_are_part_of_the_message() -> None:
    made = rendering.compiled(
        {"subject": "S", "html": "<p>{% render 'foot', who: person.name %}</p>"}, locale="en",
        blocks={"foot": {"html": "<b>{{ who }}</b> from {{ shop.name }}"}},
    )  # fmt: skip
    assert "<b>Anna Kowalska</b> from Lipowa" in made.render(vocabulary.example()).html


def test_html_is_dressed_for_mail_programs() -> None:
    html = render(
        "<style>p { color: red } @media print { p { color: blue } }</style><p>Zażółć</p><img src='https://a.pl/x.png'>"
    ).html
    assert '<p style="color: red">Zażółć</p>'.replace(": ", ":") in html.replace(": ", ":").replace("red;", "red")
    assert '<img src="https://a.pl/x.png">' in html
    assert "<style" not in html
    assert dressing.as_text('<p>A &amp; B</p><p><a href="https://a.pl">shop</a></p>') == "A & B\nshop (https://a.pl)\n"


def test_links_are_rewritten_where_a_reader_can_click_them() -> None:
    body = '<a href="https://a.pl/?x=1&amp;y=2">a</a> <a href="mailto:x@a.pl">m</a> https://b.pl <a href="https://a.pl/?x=1&amp;y=2">a</a>'
    assert dressing.links(body) == ["https://a.pl/?x=1&y=2"]
    assert dressing.dressed(body, rewrite=lambda url: "https://t.pl/c/1").count("https://t.pl/c/1") == 2


#: Signs that a template reached Python.
OBJECTS = re.compile(r"object at 0x|<class|<function|<bound|root:x:0|\{'|mappingproxy")

#: Things written into templates or given as values to break out of either.
PAYLOADS = (
    "<script>alert(1)</script>", "<SCRIPT SRC=//x.pl></SCRIPT>", "<scr<script>ipt>alert(1)</scr</script>ipt>",
    "<img src=x onerror=alert(1)>", "<img src='javascript:alert(1)'>", "<svg onload=alert(1)>", "<svg><script>1</script></svg>",
    "<math><mtext><table><mglyph><style><img src=x onerror=alert(1)>", "<a href='javascript:alert(1)'>x</a>",
    "<a href=' java\tscript:alert(1)'>x</a>", "<a href='JaVaScRiPt&colon;alert(1)'>x</a>", "<a href='data:text/html,x'>x</a>",
    "<iframe src=//x.pl></iframe>", "<object data=x></object>", "<embed src=x>", "<form action=//x.pl><input></form>",
    "<base href=//x.pl>", "<meta http-equiv=refresh content=0>", "<link rel=stylesheet href=//x.pl>",
    "<style>@import '//x.pl'; p{background:url(//x.pl)}</style><p>x</p>", "<p style='background:url(//x.pl)'>x</p>",
    "<p style='width:expression(alert(1))'>x</p>", "<p style='behavior:url(x)'>x</p>", "<p style=\"x:\\75rl(//x)\">x</p>",
    "<body onload=alert(1)>", "<div onmouseover=alert(1)>x</div>", "<noscript><p title='</noscript><img src=x onerror=1>'>",
    "<template><script>1</script></template>", "<!--><script>alert(1)</script>-->", "<![CDATA[<script>1</script>]]>",
    "<a href='vbscript:x'>x</a>", "<video><source onerror=alert(1)></video>", "<details open ontoggle=alert(1)>",
    "<textarea><script>1</script></textarea>", "<title><script>1</script></title>", "<plaintext><script>1",
)  # fmt: skip
#: Ways from a value to the machine, in Liquid and in the words of other engines.
PATHS = (
    "person.__class__", "person.__class__.__mro__[1].__subclasses__", "person['__class__']", "person.name.__globals__",
    "shop.__init__.__globals__", "person.cart.first.__class__", "self", "config.SECRET_KEY", "request.environ",
    "cycler.__init__.__globals__.os", "forloop.parentloop.__class__", "''.__class__.__base__", "person.keys", "person.name.format",
    "template.env.loader", "context.env.filters", "environment.filters", "_TemplateReference__context",
)  # fmt: skip
FORMS = ("{{{{ {} }}}}", "{{{{ {} | default: 'safe' }}}}", "{{% assign x = {} %}}{{{{ x }}}}", "{{% for x in {} %}}{{{{ x }}}}{{% endfor %}}",
         "{{% if {} %}}{{{{ {} }}}}{{% endif %}}", "{{% echo {} %}}", "{{% capture y %}}{{{{ {} }}}}{{% endcapture %}}{{{{ y }}}}")  # fmt: skip
WORDS = (
    "{% include '/etc/passwd' %}", "{% render '/etc/passwd' %}", "{% render '../../config.py' %}", "{% layout 'x' %}",
    "{% extends 'x' %}", "{% import 'os' as os %}", "{% python %}import os{% endpython %}", "{% raw %}{{ x }}{% endraw %}",
    "{{ person.name | safe }}", "{{ 'a' | eval }}", "{{ 'os' | import }}", "{{ 'PHNjcmlwdD4=' | base64_decode }}",
    "{{ '%3Cscript%3E' | url_decode }}", "{{ 'x' | map: '__class__' }}", "{{ ''.__class__ }}", "${7*7}", "#{7*7}", "<%= 7*7 %>",
    "{{ 7*7 }}", "{% set x = 1 %}", "{{ person.name | escapejs }}", "{{ '{{ 7 | plus: 7 }}' }}", "{% liquid\necho person.__class__\n%}",
)  # fmt: skip
BOMBS = (
    "{% for i in (1..1000000000) %}x{% endfor %}", "{% for a in (1..40) %}{% for b in (1..40) %}{% for c in (1..40) %}x{% endfor %}{% endfor %}{% endfor %}",
    "{% for i in (1..2000) %}{% for j in (1..2000) %}{% endfor %}{% endfor %}", "{% for i in (1..400) %}{% endfor %}" * 50,
    "{% assign x = 'a' %}{% for i in (1..1999) %}{% assign x = x | append: x %}{% endfor %}{{ x }}",
    "{% assign n = 9 %}{% for i in (1..1999) %}{% assign n = n | times: n %}{% endfor %}{{ n }}",
    "{{ (1..1000000000) | join: ',' }}", "{{ (1..1000000000) | size }}", "{{ (1..999999999) | last }}",
    "{% capture x %}{% for i in (1..1900) %}aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa{% endfor %}{% endcapture %}{{ x }}",
    "{% if true %}" * 200 + "{% endif %}" * 200, "{{ 'a'" + " | append: 'a'" * 9000 + " }}", "{{ 1" + "0" * 5000 + " | plus: 1 }}",
    "{% render 'loop' %}", "{% render 'twice' %}", "x" * 200_000,
)  # fmt: skip
LOOPS = {
    "loop": {"html": "{% render 'loop' %}", "text": "{% render 'loop' %}"},
    "twice": dict.fromkeys(("html", "text"), "{% for i in (1..9) %}{% render 'twice' %}{% endfor %}"),
}


def attacks() -> list[tuple[str, dict[str, Any]]]:
    """Each template with the values it is given."""
    found: list[tuple[str, dict[str, Any]]] = [(f"<p>x</p>{payload}", {}) for payload in PAYLOADS]
    found += [("<p>{{ person.name }}</p><a href='{{ person.name }}'>x</a>", {"name": payload}) for payload in PAYLOADS]
    found += [(f'<p title="{{{{ person.name }}}}">{payload}</p>', {"name": '"' + payload}) for payload in PAYLOADS]
    found += [(f"{{% assign x = {payload!r} %}}{{{{ x }}}}", {}) for payload in PAYLOADS]
    found += [(form.format(*[path] * form.count("{} ")), {}) for path in PATHS for form in FORMS]
    return found + [(words, {}) for words in (*WORDS, *BOMBS)]


def test_attacks_escape_nothing_and_end_soon() -> None:
    tried = attacks()
    assert len(tried) >= 300
    escaped, slow = [], []
    for source, values in tried:
        began = time.thread_time()
        message = attempted(source, values)
        if message and (harm(message.html) or OBJECTS.search(unquoted(source, message.subject + message.text))):
            escaped.append(source[:200])
        if (
            time.thread_time() - began > liquid_limits.MOST_SECONDS + 10
        ):  # collecting garbage of a whole run takes seconds, too
            slow.append(source[:80])
    assert (escaped, slow) == ([], [])


def attempted(source: str, values: dict[str, Any]) -> rendering.Rendered | None:
    """The message, where one comes of it; BadTemplate is an answer, any other exception a fault."""
    given = vocabulary.example()
    given["person"].update(values)
    try:
        made = rendering.compiled({"subject": source, "text": source, "html": source}, locale="pl", blocks=LOOPS)
        return made.render(given)
    except BadTemplate:
        return None


def unquoted(source: str, text: str) -> str:
    """What the template made, without what stood in it word for word."""
    return text.replace(source, "")


def test_a_budget_ends_what_is_slow() -> None:
    ticks = iter(range(0, 100_000, 1))
    budget = liquid_limits.Budget(clock=lambda: next(ticks) / 10)
    made = rendering.compiled(
        {"subject": "S", "text": "{% for i in (1..1000) %}{{ i | plus: 1 }}{% endfor %}"}, locale="pl"
    )
    with pytest.raises(Exception, match="too slow"):
        liquid_limits.run(made.parts["text"], vocabulary.example(), budget)


def test_the_day_is_that_of_the_shop() -> None:
    contents = {"subject": "S", "text": "{{ '2026-03-02T23:30:00+00:00' | date: 'short' }} {{ today | date: 'short' }}"}
    made = rendering.compiled(contents, locale="pl", zone="Europe/Warsaw").render(
        vocabulary.example() | {"today": date(2026, 3, 2)}
    )
    assert made.text.strip() == "3.03.2026 2.03.2026"
