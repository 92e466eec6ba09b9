"""From bytes to text: byte-order mark, named character set, `<meta>`, UTF-8, then detection."""

import codecs
import re
from typing import Final

#: Longest part of a file that detection looks at; more changes the answer rarely and costs linearly.
DETECTION_BYTES: Final = 1 << 16
#: Encodings a page may name and mean another (WHATWG Encoding standard, labels).
_MEANT: Final = {"iso-8859-1": "cp1252", "latin-1": "cp1252", "latin1": "cp1252", "ascii": "cp1252",
                 "us-ascii": "cp1252", "gb2312": "gb18030", "gbk": "gb18030", "iso-8859-9": "cp1254",
                 "shift_jis": "cp932", "euc-kr": "cp949", "ks_c_5601-1987": "cp949", "tis-620": "cp874",
                 "big5": "big5hkscs"}  # fmt: skip
_BOMS: Final = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
_META = re.compile(rb"<meta[^>]{0,200}?charset\s*=\s*[\"']?\s*([A-Za-z0-9_:.-]{2,40})", re.I)
#: First bytes of files that are no text, whatever their suffix says.
_BINARY: Final = (
    (b"%PDF", "a PDF"),
    (b"\x89PNG", "a PNG image"),
    (b"\xff\xd8\xff", "a JPEG image"),
    (b"GIF8", "a GIF image"),
    (b"PK\x03\x04", "a ZIP archive or office file"),
    (b"\x7fELF", "a program"),
    (b"MZ", "a program"),
    (b"SQLite format", "a database"),
)


def decode(raw: bytes, charset: str | None = None, *, markup: bool = False) -> str:
    """Decode scraped bytes; bytes that fit no encoding come out as U+FFFD, never as an error.

    Parameters
    ----------
    raw : bytes
        The file or record.
    charset : str, optional
        What an HTTP header said.
    markup : bool
        Look for a `<meta>` declaration too.
    """
    for bom, name in _BOMS:
        if raw.startswith(bom):
            return raw[len(bom) :].decode(name, "replace").replace("\0", "")
    declared = _META.search(raw[:4096]) if markup else None
    for named in (charset, "utf-8", declared.group(1).decode("ascii") if declared else None):
        text = _try(raw, named)
        if text is not None:
            return text.replace("\0", "")
    return _detected(raw).replace("\0", "")


def binary_kind(raw: bytes) -> str | None:
    """Name what a file is if it is no text at all; `None` for text in any encoding."""
    for magic, name in _BINARY:
        if raw.startswith(magic) and not _is_plain_ascii(raw[:512]):
            return name
    head = raw[:8192]
    if not head or any(head.startswith(bom) for bom, _ in _BOMS) or _wide(head):
        return None
    control = sum(byte < 9 or 13 < byte < 27 or 27 < byte < 32 for byte in head)
    return "a binary file" if control * 20 > len(head) else None


def _is_plain_ascii(head: bytes) -> bool:
    return head.isascii() and b"\0" not in head and not head.startswith(b"%PDF-")


def _wide(head: bytes) -> str | None:
    """UTF-16 without a mark: Latin text has its NULs all at even or all at odd offsets."""
    even, odd = head[0::2].count(0), head[1::2].count(0)
    half = len(head) // 2 or 1
    if odd > half * 0.6 and even < half * 0.1:
        return "utf-16-le"
    if even > half * 0.6 and odd < half * 0.1:
        return "utf-16-be"
    return None


def _try(raw: bytes, name: str | None) -> str | None:
    if not name:
        return None
    name = _MEANT.get(name.lower(), name)
    if name.lower().startswith("utf-16") or (name == "utf-8" and _wide(raw[:8192])):
        return None  # declared in ASCII bytes, so it cannot be true; or wide text that only looks like UTF-8
    try:
        return raw.decode(name)
    except (UnicodeDecodeError, LookupError, ValueError):
        return None


def _detected(raw: bytes) -> str:
    wide = _wide(raw[:8192])
    if wide:
        return raw.decode(wide, "replace")
    # A long UTF-8 file with a few broken bytes is still UTF-8.
    lossy = raw.decode("utf-8", "replace")
    if lossy.count("\ufffd") * 500 < len(lossy) and not raw.isascii():
        return lossy
    from charset_normalizer import from_bytes  # noqa: PLC0415 - only the rare file needs it

    best = from_bytes(raw[:DETECTION_BYTES]).best()
    return raw.decode(best.encoding if best else "cp1252", "replace")
