"""HTML pages: one pass over a Lexbor tree to paragraphs in reading order, each with its layout.

A paragraph is what a reader sees as one block: text up to the next block element, `<br>`, table row or
line of a `<pre>`. Scripts, styles, templates and hidden nodes do not come out.
"""

import re
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any, Final

from selectolax.lexbor import LexborHTMLParser, LexborNode

from classifier.document import Document, Layout, Paragraph
from classifier.reading.encoding import decode
from classifier.reading.head import head_metadata, read_linked_data

#: Elements that start a line of their own in every browser's default style sheet (HTML standard, 15.3).
BLOCKS: Final = frozenset(
    """address article aside blockquote body button caption center dd details dialog dir div dl dt fieldset
    figcaption figure footer form h1 h2 h3 h4 h5 h6 header hgroup hr html legend li main menu nav ol
    optgroup p plaintext pre search section summary table tbody tfoot thead tr ul xmp""".split()
)
#: Elements whose content a reader never sees as text.
UNSEEN: Final = frozenset(
    """-comment -doctype applet area audio base canvas datalist embed frame frameset head iframe input link
    map math meta noembed noframes object option param script select source style svg template
    textarea title track video""".split()
)
EMPHASIS: Final = frozenset({"b", "strong", "em", "i", "u", "mark"})
#: Attributes besides class and id whose values name what an element is for.
NAMING_ATTRIBUTES: Final = ("role", "itemprop", "data-testid", "data-component", "data-type", "aria-label")
#: Ancestors kept per paragraph. Deeper pages lose the outermost ones, so that cost stays linear in depth.
MAX_ANCESTORS: Final = 16
#: A tree larger than this is not walked to its end: 50 MB pages of real text have fewer nodes.
MAX_NODES: Final = 4_000_000
#: Open formatting elements are rebuilt inside every following block (HTML standard, 13.2.4.3): beyond this
#: many unclosed ones, further start tags are dropped before parsing, which keeps the tree linear in the page.
MAX_OPEN_FORMATTING: Final = 32

_FORMATTING = re.compile(rb"<(/?)(b|big|code|em|font|i|nobr|s|small|strike|strong|tt|u)(?=[\s/>])[^>]*>", re.I)
_HIDING_STYLE = re.compile(r"display\s*:\s*none|visibility\s*:\s*hidden", re.I)
_BLOCK_STYLE = re.compile(r"display\s*:\s*(?:block|flex|grid|table)", re.I)
_CAMEL = re.compile(r"(?<=[a-z])(?=[A-Z])")
_WORD = re.compile(r"[a-z]{2,24}")
_VISIBLE = re.compile(r"[^\s\u00ad\u200b-\u200f\u2028-\u202e\u2060-\u2064\ufeff]")


def read_html(raw: bytes | str, document_id: str, charset: str | None = None) -> Document:
    """Read one page.

    Parameters
    ----------
    raw : bytes or str
        The page. Bytes are decoded by byte-order mark, `charset`, `<meta>`, then detection.
    document_id : str
        What the page is called in the results.
    charset : str, optional
        The character set that an HTTP header named.

    Returns
    -------
    Document
        Its metadata holds `title`, `canonical`, `date` and `language` where the page states them.
    """
    text = raw if isinstance(raw, str) else decode(raw, charset=charset, markup=True)
    tree = LexborHTMLParser(bound_formatting(text.encode("utf-8", "replace")))
    walk = _Walk()
    if tree.root is not None:
        walk.run(tree.root)
    metadata = head_metadata(tree)
    for linked in walk.linked_data:
        read_linked_data(linked, metadata)
    return Document(document_id, walk.paragraphs(), url=metadata.get("canonical", ""), metadata=metadata)


def bound_formatting(page: bytes) -> bytes:
    """Drop the formatting tags that would stay open beyond `MAX_OPEN_FORMATTING`; most pages pass unchanged."""
    opened = closed = 0
    for match in _FORMATTING.finditer(page):
        if match.group(1):
            closed += 1
        else:
            opened += 1
    if opened - closed <= MAX_OPEN_FORMATTING:
        return page
    open_now = 0

    def keep(match: re.Match[bytes]) -> bytes:
        nonlocal open_now
        if match.group(1):
            open_now = max(0, open_now - 1)
        elif open_now >= MAX_OPEN_FORMATTING:
            return b""
        else:
            open_now += 1
        return match.group(0)

    return _FORMATTING.sub(keep, page)


@lru_cache(maxsize=1 << 16)
def naming_words(value: str) -> tuple[str, ...]:
    """Words of a class, id or role: camelCase and punctuation split, digits dropped."""
    return tuple(_WORD.findall(_CAMEL.sub(" ", value[:200]).lower()))


@dataclass(slots=True, eq=False)
class _Element:
    """What the walk keeps of an open element."""

    path: tuple[str, ...]
    words: tuple[tuple[str, ...], ...]
    depth: int
    tag: str
    hidden: bool
    shape: tuple[str, str]
    among: dict[tuple[str, str], int]
    index: int
    parent: "_Element | None"
    children: dict[tuple[str, str], int] = field(default_factory=dict)

    def repeats(self) -> int:
        """Most siblings of the same shape that this element or one of three ancestors has."""
        most, element, level = 0, self, 0
        while level < 4:
            most = max(most, element.among.get(element.shape, 0))
            if element.parent is None:
                break
            element, level = element.parent, level + 1
        return most


class _Walk:
    """Depth-first over the tree without recursion; text gathers in a buffer until a block boundary."""

    def __init__(self) -> None:
        self.linked_data: list[str] = []
        self._found: list[tuple[str, _Element, tuple[int, int, int, int]]] = []
        self._buffer: list[str] = []
        self._link_chars = self._links = self._images = self._emphasis = 0
        self._in_link = self._in_emphasis = 0
        self._after_link = False
        self._text_owner: _Element | None = None
        self._mixed = False

    def run(self, root: LexborNode) -> None:
        """Walk the tree below `root`."""
        top = _Element((), (), 0, "", False, ("", ""), {}, 0, None)
        owner = top  # the element whose block the next text belongs to
        open_nodes: list[tuple[LexborNode, str, _Element]] = []
        node = root
        seen = 0
        while node is not None and seen < MAX_NODES:
            seen += 1
            tag = node.tag or ""
            entered = False
            if tag == "-text":
                self._text(node.text_content or "", owner)
            elif tag == "br":
                self._flush(owner)
            elif tag == "img":
                self._images += 1
            elif tag in UNSEEN:
                if tag == "script":
                    self._script(node)
            elif (child := node.first_child) is not None:
                open_nodes.append((node, tag, owner))
                owner = self._enter(node, tag, owner)
                node, entered = child, True
            elif tag in BLOCKS:
                self._flush(owner)
            if entered:
                continue
            following = node.next
            while following is None and open_nodes:
                node, tag, parent = open_nodes.pop()
                self._leave(tag, owner, parent)
                owner = parent
                following = node.next
            node = following
        self._flush(owner)

    def paragraphs(self) -> list[Paragraph]:
        """Paragraphs found, in reading order: the visible ones, or all if hardly any is visible."""
        visible = [found for found in self._found if not found[1].hidden]
        # Some sites hide the whole page until a script shows it.
        if sum(len(text) for text, _, _ in visible) * 4 < sum(len(text) for text, _, _ in self._found):
            visible = self._found
        return [Paragraph(text, _layout(element, counts)) for text, element, counts in visible]

    def _enter(self, node: LexborNode, tag: str, owner: _Element) -> _Element:
        if tag == "a":
            if self._after_link and self._buffer:
                self._buffer.append(" ")  # neighbouring links are drawn apart
            self._in_link += 1
            self._links += 1
        elif tag in EMPHASIS:
            self._in_emphasis += 1
        elif tag in ("td", "th") and self._text_owner is not None:
            self._buffer.append(" | ")
        attributes: dict[str, Any] = node.attributes
        style = attributes.get("style") or ""
        block = tag in BLOCKS or (bool(style) and _BLOCK_STYLE.search(style) is not None)
        hidden = owner.hidden or (tag not in ("body", "html") and _is_hidden(tag, attributes, style))
        if block or hidden != owner.hidden:
            self._flush(owner)
        classes, named = attributes.get("class") or "", attributes.get("id") or ""
        words = naming_words(classes) + naming_words(named)
        for name in NAMING_ATTRIBUTES:
            value = attributes.get(name)
            if value:
                words += naming_words(value)
        shape = (tag, classes)
        index = owner.children.get(shape, 0)
        owner.children[shape] = index + 1
        element = _Element(
            (tag, *owner.path[: MAX_ANCESTORS - 1]),
            (words, *owner.words[: MAX_ANCESTORS - 1]),
            owner.depth + 1,
            tag,
            hidden,
            shape,
            owner.children,
            index,
            owner,
        )
        return element

    def _leave(self, tag: str, owner: _Element, parent: _Element) -> None:
        if tag in BLOCKS:
            self._flush(owner)
        elif owner.hidden and not parent.hidden:
            self._flush(owner)  # hidden inline text must not join the visible text around it
        if tag == "a":
            self._in_link -= 1
            self._after_link = True
        elif tag in EMPHASIS:
            self._in_emphasis -= 1

    def _text(self, text: str, owner: _Element) -> None:
        if owner.tag == "pre" and "\n" in text:
            *lines, text = text.split("\n")
            for line in lines:
                self._append(line, owner)
                self._flush(owner)
        self._append(text, owner)

    def _append(self, text: str, owner: _Element) -> None:
        self._buffer.append(text)
        if text.isspace() or not text:
            return
        if self._text_owner is None:
            self._text_owner = owner
        elif self._text_owner is not owner:
            self._mixed = True
        if self._in_link or self._in_emphasis:
            length = len(text.strip())
            if self._in_link:
                self._link_chars += length
            if self._in_emphasis:
                self._emphasis += length
        self._after_link = False

    def _flush(self, owner: _Element) -> None:
        if self._buffer:
            text = " ".join("".join(self._buffer).split()).removeprefix("| ").removesuffix(" |")
            self._buffer.clear()
            # A byline in a `span` is known by the span's class, not by that of the `div` around it.
            owner = owner if self._mixed or self._text_owner is None else self._text_owner
            if text and _VISIBLE.search(text):
                counts = (min(self._link_chars, len(text)), self._links, self._images, self._emphasis)
                self._found.append((text, owner, counts))
                self._images = 0
        self._link_chars = self._emphasis = 0
        self._links = int(self._in_link > 0)
        self._after_link = self._mixed = False
        self._text_owner = None

    def _script(self, node: LexborNode) -> None:
        kind = node.attributes.get("type")
        if kind and "ld+json" in kind:
            self.linked_data.append(node.text(deep=True))


def _is_hidden(tag: str, attributes: dict[str, Any], style: str) -> bool:
    return (
        tag == "noscript"  # what a page without scripts shows; it counts where nothing else does
        or "hidden" in attributes
        or (bool(style) and _HIDING_STYLE.search(style) is not None)
        or (tag == "dialog" and "open" not in attributes)
    )


def _layout(element: _Element, counts: tuple[int, int, int, int]) -> Layout:
    link_chars, links, images, emphasis = counts
    return Layout(
        path=element.path,
        words=element.words,
        depth=element.depth,
        link_chars=link_chars,
        links=links,
        images=images,
        emphasis_chars=min(emphasis, 1 << 20),
        siblings=element.among.get(element.shape, 0),
        sibling_index=element.index,
        repeats=element.repeats(),
    )

