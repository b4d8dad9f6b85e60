"""Words of shops that general lexicons lack or weigh otherwise: beginnings of Polish words, whole English ones. Pure.

−4 (worst) to 4 (best), as in AFINN and VADER.
"""

from __future__ import annotations

#: Beginnings: "polec" stands for polecam, polecamy, polecić. The longest that fits counts.
POLISH = {
    "polec": 3, "świetn": 3, "super": 3, "rewelac": 4, "ekstra": 3, "ideal": 3, "doskona": 4, "znakomi": 4, "wspania": 4,
    "fantast": 4, "dzięku": 2, "dzięki": 2, "sprawn": 2, "szybk": 2, "błyskaw": 3, "miły": 2, "miła": 2, "miło": 2,
    "milutk": 2, "uprzejm": 2, "pomocn": 2, "pomóg": 2, "pomogł": 2, "solidn": 2, "zadowol": 3, "ładn": 2, "piękn": 3,
    "śliczn": 3, "smaczn": 3, "pyszn": 3, "wygodn": 2, "profesjonal": 2, "warto": 2, "warta": 2, "bezproblem": 3,
    "terminow": 2, "zgodn": 1, "fajn": 2, "cudown": 4, "uwielb": 3, "kocha": 3, "lubi": 2, "pozytywn": 2, "porządn": 2,
    "staran": 2, "życzliw": 3, "działa": 1, "chwal": 2, "perfekc": 3, "zachwyc": 3, "wdzięczn": 2, "najleps": 4,
    "porażk": -3, "masakr": -3, "tragedi": -3, "tragicz": -4, "dramat": -3, "żenad": -3, "żenując": -3, "uszkodz": -3,
    "pęk": -2, "zepsu": -3, "psuje": -3, "brak": -2, "brakuj": -2, "opóźn": -2, "spóźn": -2, "reklamac": -1, "rozczarow": -3,
    "zawied": -3, "zawiód": -3, "zawod": 0, "badziew": -4, "bubel": -4, "szajs": -4, "lipa": -3, "oszu": -4, "kłam": -3,
    "nieuprzejm": -3, "niekompet": -3, "niemił": -3, "kiepsk": -2, "słab": -2, "beznadziej": -4, "dno": -3, "żału": -2,
    "odradz": -3, "niestety": -2, "złama": -2, "rozla": -2, "brudn": -2, "śmierdz": -3, "wad": -2, "rozpad": -3, "ignor": -2,
    "skandal": -3, "denerw": -2, "wściek": -3, "zniszcz": -2, "porysow": -2, "podar": -2, "pomyl": -2, "niezgodn": -2,
    "niedziała": -2, "nieczyt": -2, "okropn": -3, "fatal": -4, "koszmar": -4, "najgors": -4, "gorsz": -2, "zła": -2,
    "złe": -2, "źle": -2, "problem": -2, "kłopot": -2, "niezadowol": -3, "tandet": -3, "nędzn": -3, "przepłac": -2,
    "naciąg": -3, "nieprzyjem": -3, "arogan": -3, "chams": -3, "nieporozum": -2, "wstyd": -2, "szkoda": -2, "nigdy": 0,
    "zepsut": -3, "krzyw": -2, "przeciek": -2, "zwlek": -2, "lekceważ": -3, "rozdar": -2, "dziuraw": -2, "drogo": -1,
    "bezużyt": -3, "zardzew": -2, "przetermin": -3, "zepsuł": -3,
}  # fmt: skip

ENGLISH = {
    "delayed": -1.5, "delay": -1.3, "damaged": -2.2, "broken": -2.2, "broke": -2.0, "cracked": -1.8, "faulty": -2.2, "defective": -2.4,
    "refund": -0.8, "scam": -3.0, "rip-off": -2.8, "ripoff": -2.8, "overpriced": -1.8, "late": -1.2, "unanswered": -1.6,
    "unhelpful": -2.2, "rude": -2.4, "flimsy": -1.8, "cheaply": -1.5, "leaks": -1.5, "leaking": -1.5, "scratched": -1.6,
    "missing": -1.4, "stopped": -1.0, "unacceptable": -2.5, "recommend": 2.0, "recommended": 2.0, "prompt": 1.5, "promptly": 1.6,
    "quick": 1.4, "quickly": 1.2, "fast": 1.3, "sturdy": 1.6, "durable": 1.6, "flawless": 2.6, "spotless": 1.8, "as described": 1.2,
    "smooth": 1.3, "smoothly": 1.4, "reliable": 1.8, "five stars": 2.8, "one star": -2.5, "waste": -2.2, "junk": -2.4,
    "ignored": -1.9, "slow": -1.3, "tasty": 2.0, "cosy": 1.6, "comfy": 1.6, "stale": -1.6, "mouldy": -2.2, "never again": -2.6,
}  # fmt: skip
