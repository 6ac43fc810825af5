"""What a facility offers, read from text."""

from __future__ import annotations

import re
import unicodedata

from lifecircle.words import plain, spellings


def parse_services(text: str) -> tuple[str, ...]:
    """The services named in text such as `助餐、托育`, each once, in their order.

    Separators are 、 ; , / and line breaks, full-width or not. Spaces around a name are no part of it, and neither is
    the width of its characters. What data/words.toml knows as a service bears the name it has there.

    >>> parse_services("助餐、 托育；助餐/康复")
    ('助餐', '托育', '康复')
    >>> parse_services(" ")
    ()
    """
    parts = re.split(r"[、;,/\n]", unicodedata.normalize("NFKC", text))
    known = spellings("service")
    return tuple(dict.fromkeys(known.get(plain(part), part.strip()) for part in parts if part.strip()))
