"""How Chinese names are spelt in Latin letters, so that they are found by a keyboard that has only those."""

from __future__ import annotations

import re

_HAN = re.compile("[\u3400-\u9fff\U00020000-\U0003ffff]")
_SOUND = re.compile("[a-z0-9]+")


def spelt(name: str) -> str:
    """Syllables of a name, one for each character, with a space between; nothing for a name without any.

    >>> spelt("示例"), spelt("Park")
    ('shi li', '')
    """
    if not _HAN.search(name):
        return ""
    from pypinyin import lazy_pinyin

    return " ".join(_SOUND.findall(" ".join(lazy_pinyin(name)).lower()))
