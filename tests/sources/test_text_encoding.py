import pytest

from crm360.sources.text_encoding import guess_encoding

SENTENCE = "Zażółć gęślą jaźń, Świętej Żółkiewskiej"


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp1250", "iso-8859-2", "utf-16-le", "utf-16-be"])
def test_polish_in_every_encoding(encoding):
    assert SENTENCE.encode(encoding).decode(guess_encoding(SENTENCE.encode(encoding))) == SENTENCE


@pytest.mark.parametrize("words", ["Straße München", "10 € za sztukę", "café"])
def test_words_two_code_pages_share(words):
    encoded = words.encode("cp1250")
    assert encoded.decode(guess_encoding(encoded)) == words


@pytest.mark.parametrize("words", ["naïve façade, crème brûlée", "Señor Muñoz à São Paulo"])
def test_western_words(words):
    assert guess_encoding(words.encode("cp1252")) == "cp1252"


def test_a_sample_may_end_within_a_letter():
    assert guess_encoding("żółć".encode()[:-1], cut=True) == "utf-8"


def test_nothing_is_utf8():
    assert guess_encoding(b"") == "utf-8"
