"""How often the guess of a text's tone is right, on labelled sentences that no lexicon was fitted to.

    python -m bench.tone            accuracy, the table of confusions and how honest the confidence is, per language
    python -m bench.tone --wrong    the sentences it got wrong, too

The sentences (bench/tone_sentences, 200 a language: + positive, - negative, 0 neutral) were written after the lists of
words, by their author: they are held out, but of one hand, and short. Only the threshold of no side was set by them, once.
"""

from __future__ import annotations

import sys
import time
from collections import Counter
from pathlib import Path

from crm360.tone import guessing

SENTENCES = Path(__file__).parent / "tone_sentences"
SIGNS = {"+": "positive", "-": "negative", "0": "neutral"}
BANDS = ((0.0, 0.55), (0.55, 0.6), (0.6, 0.75), (0.75, 0.9), (0.9, 1.01))


def labelled(language: str) -> list[tuple[str, str]]:
    """(tone, sentence)."""
    lines = (SENTENCES / f"{language}.txt").read_text(encoding="utf-8").splitlines()
    return [(SIGNS[line[0]], line[2:]) for line in lines if line]


def measured(language: str) -> tuple[Counter[tuple[str, str]], list[tuple[str, guessing.Guess, str]], int]:
    """How often each tone was taken for each; every guess; how many were taken for the right language."""
    table: Counter[tuple[str, str]] = Counter()
    guesses = []
    for tone, sentence in labelled(language):
        found = guessing.guess(sentence)
        assert found is not None
        table[tone, found.tone] += 1
        guesses.append((tone, found, sentence))
    return table, guesses, sum(found.language == language for _, found, _ in guesses)


def accuracy(table: Counter[tuple[str, str]]) -> float:
    """Share of right guesses."""
    return sum(count for (tone, taken), count in table.items() if tone == taken) / table.total()


def main() -> None:
    """Print everything."""
    for language in ("en", "pl"):
        began = time.process_time()
        table, guesses, known = measured(language)
        spent = (time.process_time() - began) / len(guesses)
        turned = table["positive", "negative"] + table["negative", "positive"]
        print(f"\n{language}: {len(guesses)} sentences, accuracy {accuracy(table):.1%}, turned round {turned / len(guesses):.1%}, "
              f"right language {known / len(guesses):.1%}, {spent * 1000:.2f} ms CPU each")  # fmt: skip
        print("  labelled ↓ guessed → " + "".join(f"{tone:>10}" for tone in guessing.TONES))
        for tone in guessing.TONES:
            print(f"  {tone:<21}" + "".join(f"{table[tone, taken]:>10}" for taken in guessing.TONES))
        for low, high in BANDS:
            band = [tone == found.tone for tone, found, _ in guesses if low <= found.confidence < high]
            if band:
                print(
                    f"  confidence {low:.2f}–{min(high, 1):.2f}: {len(band):>3} guesses, {sum(band) / len(band):.0%} right"
                )
        if "--wrong" in sys.argv:
            for tone, found, sentence in guesses:
                if tone != found.tone:
                    print(f"    {tone} taken for {found.tone} ({found.score:+.2f}, {found.language}): {sentence}")


if __name__ == "__main__":
    main()
