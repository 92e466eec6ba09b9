"""HTML pages: one pass over a Lexbor tree to paragraphs in reading order, each with its layout.

A paragraph is what a reader sees as one block: text up to the next block element, `<br>`, table row or
line of a `<pre>`. Scripts, styles, templates and hidden nodes do not come out. What a page sends late, hidden at
its end, for a script to move to its place (React's streamed parts) is read in that place.
"""

import re
from collections.abc import Sequence
from functools import lru_cache
from typing import Any, Final

from selectolax.lexbor import LexborHTMLParser, LexborNode

from classifier.document import Document, Layout, Paragraph
from classifier.reading.bounding import bounded
from classifier.reading.encoding import decode
from classifier.reading.head import head_metadata, read_linked_data

#: Elements that start a line of their own in every browser's default style sheet (HTML standard, 15.3).
BLOCKS: Final = frozenset(
    """address article aside blockquote body button caption center dd details dialog dir div dl dt fieldset
    figcaption figure footer form h1 h2 h3 h4 h5 h6 header hgroup hr html legend li listing main menu nav ol
    p plaintext pre search section summary table tbody tfoot thead tr ul xmp""".split()
)
#: Elements whose content a reader never sees as text.
UNSEEN: Final = frozenset(
    """-comment -doctype annotation annotation-xml applet area audio base canvas datalist embed frame frameset
    head iframe input link meta noembed noframes object option param script select source style svg template
    textarea title track video""".split()
)
EMPHASIS: Final = frozenset({"b", "strong", "em", "i", "u", "mark"})
#: Elements whose line breaks are drawn.
PREFORMATTED: Final = frozenset({"pre", "listing", "plaintext", "xmp"})
#: Attributes whose values name what an element is for.
NAMING_ATTRIBUTES: Final = frozenset(
    ("class", "id", "role", "itemprop", "data-testid", "data-component", "data-type", "aria-label")
)
#: Elements whose content a browser shows in some cases only: without scripts, or when opened.
_HIDING_TAGS: Final = frozenset({"noscript", "dialog"})
#: Late parts of a page, and where they go: React names the part `<div hidden id="S:1a">` and its place
#: `<template id="B:1a">` or `"P:1a"`. Parts of tables stay hidden, and those of pages that add to these names.
_PART: Final = "S:"
_STOOD_IN: Final = "B:"
_PLACES: Final = (_STOOD_IN, "P:")
#: After `B:` stands what is shown until the part arrives: its end is looked for among so many nodes.
_STAND_IN_NODES: Final = 200
#: Ancestors kept per paragraph. Deeper pages lose the outermost ones, so that cost stays linear in depth.
MAX_ANCESTORS: Final = 16
#: Ancestors among which a repeated shape (a list of cards) is looked for, the block itself included.
REPEAT_LEVELS: Final = 4

_HIDING_STYLE = re.compile(r"display\s*:\s*none|visibility\s*:\s*hidden", re.I)
_BLOCK_STYLE = re.compile(r"display\s*:\s*(?:block|flex|grid|table)", re.I)
_CAMEL = re.compile(r"(?<=[a-z])(?=[A-Z])")
_WORD = re.compile(r"[a-z]{2,24}")
_VISIBLE = re.compile(r"[^\s\u00ad\u200b-\u200f\u2028-\u202e\u2060-\u2064\ufeff]")

Counts = tuple[int, int, int, int]


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
        Its metadata holds `title`, `canonical`, `date`, `language`, `site` and `type` where the
        page states them.
    """
    blocks, metadata = read_blocks(raw, charset)
    return document_of(blocks, metadata, document_id)


def document_of(blocks: "Sequence[Block]", metadata: dict[str, str], document_id: str) -> Document:
    """Make a document of what `read_blocks` gave: a paragraph for each block, in order."""
    paragraphs = [Paragraph(text, _layout(element, counts)) for text, element, counts in blocks]
    return Document(document_id, paragraphs, url=metadata.get("canonical", ""), metadata=metadata)


def read_blocks(raw: bytes | str, charset: str | None = None) -> "tuple[list[Block], dict[str, str]]":
    """Read the visible blocks of a page, each with its text, element and counts, and what its head states."""
    text = raw if isinstance(raw, str) else decode(raw, charset=charset, markup=True)
    tree = LexborHTMLParser(bounded(text.encode("utf-8", "replace")))
    walk = _Walk(_late_parts(tree) if f'id="{_PART}' in text else {})
    if tree.root is not None:
        walk.run(tree.root)
    metadata = head_metadata(tree)
    for linked in walk.linked_data:
        read_linked_data(linked, metadata)
    return walk.visible(), metadata


@lru_cache(maxsize=1 << 16)
def naming_words(value: str) -> tuple[str, ...]:
    """Words of a class, id or role: camelCase and punctuation split, digits dropped."""
    return tuple(_WORD.findall(_CAMEL.sub(" ", value[:200]).lower()))


class _Chain:
    """Tags and naming words of an element and its ancestors; elements alike up to the root share one."""

    __slots__ = ("below", "path", "words")

    def __init__(self, path: tuple[str, ...], words: tuple[tuple[str, ...], ...]) -> None:
        self.path = path
        self.words = words
        self.below: dict[tuple[str, tuple[str, ...]], _Chain] = {}

    def child(self, tag: str, words: tuple[str, ...]) -> "_Chain":
        chain = self.below.get((tag, words))
        if chain is None:
            keep = MAX_ANCESTORS - 1
            chain = _Chain((tag, *self.path[:keep]), (words, *self.words[:keep]))
            self.below[tag, words] = chain
        return chain


class Element:
    """What the walk keeps of an open element."""

    __slots__ = (
        "_chain", "among", "attributes", "block", "children", "depth", "hidden", "index", "parent",
        "preformatted", "shape", "tag",
    )  # fmt: skip

    depth: int
    block: bool
    hidden: bool
    preformatted: bool

    def __init__(self, tag: str, attributes: dict[str, Any], parent: "Element") -> None:
        self.tag = tag
        self.attributes = attributes
        self.parent = parent
        self.depth = parent.depth + 1
        self.block = tag in BLOCKS
        self.hidden = parent.hidden
        self.preformatted = parent.preformatted or tag in PREFORMATTED
        self.children: dict[tuple[str, str | None], int] = {}
        self.shape = shape = (tag, attributes.get("class"))
        self.among = among = parent.children
        self.index = index = among.get(shape, 0)
        among[shape] = index + 1
        self._chain: _Chain | None = None
        if "style" in attributes or "hidden" in attributes or tag in _HIDING_TAGS:
            self._read_style()

    def _read_style(self) -> None:
        if self.tag in ("html", "body"):
            return  # hidden until a script shows the page
        style = self.attributes.get("style") or ""
        self.block = self.block or _BLOCK_STYLE.search(style) is not None
        self.hidden = (
            self.hidden
            or "hidden" in self.attributes
            or self.tag == "noscript"
            or (self.tag == "dialog" and "open" not in self.attributes)
            or _HIDING_STYLE.search(style) is not None
        )

    def chain(self) -> _Chain:
        """Tags and words up to the root, made for elements with text below them only."""
        waiting: list[Element] = []
        element = self
        while element._chain is None:
            waiting.append(element)
            element = element.parent
        chain = element._chain
        for element in reversed(waiting):
            chain = element._chain = chain.child(element.tag, element.words())
        return chain

    def words(self) -> tuple[str, ...]:
        """Words of the attributes that name what the element is for."""
        words: tuple[str, ...] = ()
        for name, value in self.attributes.items():
            if value and name in NAMING_ATTRIBUTES:
                words += naming_words(value)
            elif name == "aria-hidden" and value == "true":
                words += ("ariahidden",)
        return words

    def repeats(self) -> int:
        """Most siblings of the same shape that this element or one of its nearest ancestors has."""
        most, element = 0, self
        for _ in range(REPEAT_LEVELS):
            if isinstance(element, _Top):
                break
            most = max(most, element.among[element.shape])
            element = element.parent
        return most


class _Top(Element):
    """What the root of the tree stands in."""

    __slots__ = ()

    def __init__(self) -> None:
        self.tag = ""
        self.attributes = {}
        self.parent = self
        self.depth = self.index = 0
        self.block = self.hidden = self.preformatted = False
        self.children = {}
        self.among = {}
        self.shape = ("", None)
        self._chain = _Chain((), ())


#: Text of a block, its element, and what was counted in it.
Block = tuple[str, Element, Counts]


class _Walk:
    """Depth-first over the tree without recursion; text gathers in a buffer until a block boundary."""

    def __init__(self, late: dict[str, LexborNode]) -> None:
        self.linked_data: list[str] = []
        self._late = late
        self._names = {part.mem_id: name for name, part in late.items()}
        self._found: list[Block] = []
        self._buffer: list[str] = []
        self._link_chars = self._links = self._images = self._emphasis = 0
        self._in_link = self._in_emphasis = 0
        self._after_link = False
        self._text_owner: Element | None = None
        self._mixed = False

    def run(self, root: LexborNode) -> None:
        """Walk the tree below `root`."""
        owner: Element = _Top()  # the element whose block the next text belongs to
        open_nodes: list[LexborNode] = []
        places: list[int] = []  # how many nodes were open at each place whose late part is being read
        node: LexborNode | None = root
        while node is not None:
            tag = node.tag or ""
            if tag == "-text":
                text = node.text_content or ""
                if self._buffer or not text.isspace():
                    self._text(text, owner)
            elif tag in UNSEEN:
                node, child = self._unseen(node, tag)
                if child is not None:
                    places.append(len(open_nodes))
                    open_nodes.append(node)
                    node = child
                    continue
            elif (child := None if self._names and self._was_read(node) else node.first_child) is not None:
                owner = self._enter(Element(tag, node.attributes, owner))
                open_nodes.append(node)
                node = child
                continue
            elif tag == "img":
                self._images += 1
            elif tag == "br" or tag in BLOCKS:
                self._flush(owner)
            following = node.next
            while following is None and open_nodes:
                following = open_nodes.pop().next
                if places and places[-1] == len(open_nodes):
                    places.pop()  # back from a part, which is no element of the page
                else:
                    owner = self._leave(owner)
            node = following
        self._flush(owner)

    def visible(self) -> list[Block]:
        """Blocks found, in reading order: the visible ones, or all if hardly any is visible."""
        visible = [found for found in self._found if not found[1].hidden]
        # Some sites hide the whole page until a script shows it, or show it without scripts only.
        if sum(len(text) for text, _, _ in visible) * 4 < sum(len(text) for text, _, _ in self._found):
            return self._found
        return visible

    def _enter(self, element: Element) -> Element:
        tag = element.tag
        if tag == "a":
            if self._after_link and self._buffer:
                self._buffer.append(" ")  # neighbouring links are drawn apart
            self._in_link += 1
            self._links += 1
        elif tag in EMPHASIS:
            self._in_emphasis += 1
        elif tag in ("td", "th") and self._text_owner is not None:
            self._buffer.append(" | ")
        # Hidden inline text must not join the visible text around it.
        if element.block or element.hidden != element.parent.hidden:
            self._flush(element.parent)
        return element

    def _leave(self, element: Element) -> Element:
        parent = element.parent
        if element.block or element.hidden != parent.hidden:
            self._flush(element)
        if element.tag == "a":
            self._in_link -= 1
            self._after_link = True
        elif element.tag in EMPHASIS:
            self._in_emphasis -= 1
        return parent

    def _text(self, text: str, owner: Element) -> None:
        if owner.preformatted and "\n" in text:
            *lines, text = text.split("\n")
            for line in lines:
                self._append(line, owner)
                self._flush(owner)
        self._append(text, owner)

    def _append(self, text: str, owner: Element) -> None:
        if not text or text.isspace():
            if self._buffer:
                self._buffer.append(" ")
            return
        self._buffer.append(text)
        if self._text_owner is None:
            self._text_owner = owner
        elif self._text_owner is not owner:
            self._mixed = True
        if self._in_link:
            self._link_chars += len(text.strip())
        if self._in_emphasis:
            self._emphasis += len(text.strip())
        self._after_link = False

    def _flush(self, owner: Element) -> None:
        """End the paragraph, if there is one; links without text belong to none."""
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
            self._mixed = False
            self._text_owner = None
            self._after_link = False
        self._links = 1 if self._in_link else 0

    def _unseen(self, node: LexborNode, tag: str) -> tuple[LexborNode, LexborNode | None]:
        """Where to go on after an element that is not shown, and the first node of the late part to read before."""
        if tag == "script":
            self._script(node)
        elif self._late and tag == "template":
            name = node.attributes.get("id") or ""
            part = self._late.pop(_PART + name[2:], None) if name.startswith(_PLACES) else None
            if part is not None:
                return _end_of_stand_in(node) if name.startswith(_STOOD_IN) else node, part.first_child
        return node, None

    def _was_read(self, node: LexborNode) -> bool:
        """Tell whether a node is a part that was read in its place; one that has none by now stays where it is."""
        name = self._names.get(node.mem_id)
        return name is not None and self._late.pop(name, None) is None

    def _script(self, node: LexborNode) -> None:
        kind = node.attributes.get("type")
        if kind and "ld+json" in kind:
            self.linked_data.append(node.text(deep=True))


def _late_parts(tree: LexborHTMLParser) -> dict[str, LexborNode]:
    parts: dict[str, LexborNode] = {}
    for node in tree.css(f'div[hidden][id^="{_PART}"]'):
        parts.setdefault(node.attributes.get("id") or "", node)
    return parts


def _end_of_stand_in(place: LexborNode) -> LexborNode:
    """Last node of what is shown in a place until its part arrives: up to the comment `/$`, if one is near."""
    depth, node = 0, place
    for _ in range(_STAND_IN_NODES):
        following = node.next
        if following is None:
            break
        node = following
        mark = (node.comment_content or "").strip() if node.tag == "-comment" else ""
        if mark == "/$":
            if not depth:
                return node
            depth -= 1
        elif mark in ("$", "$?", "$!"):
            depth += 1
    return place


def _layout(element: Element, counts: Counts) -> Layout:
    chain = element.chain()
    link_chars, links, images, emphasis = counts
    return Layout(
        chain.path,
        chain.words,
        element.depth,
        link_chars,
        links,
        images,
        emphasis,
        element.among.get(element.shape, 0),
        element.index,
        element.repeats(),
    )
