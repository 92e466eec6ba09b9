"""Reading HTML pages: what a reader sees, block by block."""

import pytest

from classifier.reading.html import naming_words, read_html


def texts(page: str | bytes) -> list[str]:
    return [paragraph.text for paragraph in read_html(page, "page").paragraphs]


@pytest.mark.parametrize(
    ("page", "expected"),
    [
        ("<p>one<br>two<br/>three</p>", ["one", "two", "three"]),
        (
            "<div>bare text<p>a paragraph</p>more bare text</div>",
            ["bare text", "a paragraph", "more bare text"],
        ),
        ("<div>outer<div>inner</div></div>", ["outer", "inner"]),
        ("<table><tr><th>Name<th>Age<tr><td>Ana<td>41</table>", ["Name | Age", "Ana | 41"]),
        ("<table><tr><td><p>cell one</p><p>more</p></td><td>b</td></tr></table>", ["cell one", "more", "b"]),
        ("<pre>first line\nsecond  line</pre>", ["first line", "second line"]),
        ("<pre><code>a = 1\nb = <b>2</b>\n\nc</code></pre>", ["a = 1", "b = 2", "c"]),
        ("<ul><li>one<ul><li>one a<li>one b</ul>tail<li>two</ul>", ["one", "one a", "one b", "tail", "two"]),
        ("<p>It <em>was</em> <b>lo</b>ud, <a href=#>she</a> said.</p>", ["It was loud, she said."]),
        ("<p>by <bdi>Ana</bdi> <wbr><kbd>x</kbd> <dfn>y</dfn> <q>z</q></p>", ["by Ana x y z"]),
        ("<p>H<sub>2</sub>O and <ruby>漢<rt>kan</rt></ruby></p>", ["H2O and 漢kan"]),
        ("<my-card>text <x-y>in custom</x-y> elements</my-card>", ["text in custom elements"]),
        ("<p>a<nobr>b</nobr><tt>c</tt><var>d</var><samp>e</samp><ins>f</ins><s>g</s></p>", ["abcdefg"]),
        ("<a href=1>Home</a><a href=2>News</a>", ["Home News"]),
        ("<p>un<a href=1>break</a>able</p>", ["unbreakable"]),
        ("<dl><dt>term<dd>meaning</dl>", ["term", "meaning"]),
        ("<details><summary>More</summary>inside</details>", ["More", "inside"]),
        ("<p>one\n  two\t three&nbsp;four</p>", ["one two three four"]),
        ("<span style='display: block'>one</span><span>two</span>", ["one", "two"]),
        ("<figure><img src=x alt=no><figcaption>Caption</figcaption></figure>", ["Caption"]),
        ("<p>\u200b</p><p>&nbsp;</p><p>x</p>", ["x"]),
        ("text without any tag", ["text without any tag"]),
        ("<title>t</title>", []),
        ("", []),
    ],
)
def test_blocks_come_out_as_a_reader_sees_them(page, expected):
    assert texts(page) == expected


@pytest.mark.parametrize(
    "unseen",
    [
        "<script>var x = 1</script>",
        "<style>p { color: red }</style>",
        "<template><p>no</p></template>",
        "<p hidden>no</p>",
        "<div style='DISPLAY : none'><p>no</p></div>",
        "<p style='visibility:hidden'>no</p>",
        "<dialog>no</dialog>",
        "<noscript>no</noscript>",
        "<svg><title>no</title><text>no</text></svg>",
        "<select><option>no</option></select>",
        "<textarea>no</textarea>",
        "<iframe>no</iframe>",
        "<video>no</video>",
        "<object>no</object>",
        "<!-- no -->",
    ],
)
def test_what_no_reader_sees_does_not_come_out(unseen):
    assert texts(f"<p>A line that is seen.</p>{unseen}<p>Another line.</p>") == [
        "A line that is seen.",
        "Another line.",
    ]


def test_hidden_inline_text_does_not_join_its_neighbours():
    assert texts("<p>before <span hidden>secret</span> after the hidden words</p>") == [
        "before",
        "after the hidden words",
    ]


def test_open_dialog_is_seen():
    assert texts("<dialog open>Accept?</dialog>") == ["Accept?"]


def test_page_that_scripts_must_show_is_read_whole():
    story = "<p>" + "A sentence of the story. " * 20 + "</p>"
    assert len(texts(f"<body style='display:none'>{story}</body>")) == 1
    assert len(texts(f"<p>Please enable JavaScript.</p><noscript>{story}</noscript>")) == 2
    assert len(texts(f"<p>Loading</p><div hidden>{story}</div>")) == 2


def test_layout_names_the_block_and_its_ancestors_nearest_first():
    page = "<body id=top><div class='article-body mainText'><p class=lead>Hello</p></div></body>"
    (paragraph,) = read_html(page, "page").paragraphs
    assert paragraph.layout.path == ("p", "div", "body", "html")
    assert paragraph.layout.words == (("lead",), ("article", "body", "main", "text"), ("top",), ())
    assert paragraph.layout.depth == 4


def test_text_in_one_inline_element_is_known_by_that_element():
    (byline,) = read_html("<div><span class=byline>By Ana Ruiz</span></div>", "page").paragraphs
    (mixed,) = read_html("<div>By <span class=byline>Ana Ruiz</span></div>", "page").paragraphs
    assert byline.layout.path[0] == "span"
    assert mixed.layout.path[0] == "div"


def test_layout_counts_links_emphasis_and_images():
    page = "<img src=a><p>See <a href=x>this page</a> and <b>that</b></p>"
    (paragraph,) = read_html(page, "page").paragraphs
    layout = paragraph.layout
    assert (layout.link_chars, layout.links, layout.emphasis_chars, layout.images) == (9, 1, 4, 1)


def test_layout_counts_siblings_of_the_same_shape():
    page = "<ul>" + "".join(f"<li class=card><a href={i}>Story {i}</a></li>" for i in range(5)) + "<li>other</ul>"
    layouts = [paragraph.layout for paragraph in read_html(page, "page").paragraphs]
    assert [layout.repeats for layout in layouts] == [5, 5, 5, 5, 5, 1]
    last = read_html("<p>a</p><p>b</p><p class=x>c</p>", "page").paragraphs
    assert [(p.layout.siblings, p.layout.sibling_index) for p in last] == [(2, 0), (2, 1), (1, 0)]


def test_aria_hidden_is_a_naming_word():
    (paragraph,) = read_html("<p aria-hidden=true class=x>text</p>", "page").paragraphs
    assert "ariahidden" in paragraph.layout.words[0]


def test_neighbours_share_their_ancestors():
    one, two = read_html("<div class=a><p>one</p><p>two</p></div>", "page").paragraphs
    assert one.layout.path is two.layout.path
    assert one.layout.words is two.layout.words


@pytest.mark.parametrize(
    ("value", "words"),
    [
        ("articleBody", ("article", "body")),
        ("post-123 c", ("post",)),
        ("__NAV__bar", ("nav", "bar")),
        ("", ()),
    ],
)
def test_naming_words(value, words):
    assert naming_words(value) == words


@pytest.mark.parametrize(
    ("raw", "charset"),
    [
        ("<p>Łódź żółć</p>".encode("iso-8859-2"), "iso-8859-2"),
        (b"<meta charset=windows-1251>" + "<p>Łódź</p>".encode(), None),  # a lie: it is UTF-8
        (b"\xef\xbb\xbf<meta charset=latin1>" + "<p>Łódź</p>".encode(), "koi8-r"),  # the mark wins
        ("\ufeff<p>Łódź</p>".encode("utf-16-le"), None),
        (b"<meta charset=iso-8859-2>" + "<p>Łódź</p>".encode("iso-8859-2"), None),
        (b"<meta charset=no-such-charset>" + "<p>Łódź</p>".encode(), "also-none"),
    ],
)
def test_encodings_and_their_lies(raw, charset):
    document = read_html(raw, "page", charset=charset)
    assert document.paragraphs[0].text.startswith("Łódź")


def test_same_page_same_paragraphs():
    page = "<div class=b id=a><p>one<p>two <b>three</b><table><tr><td>x<td>y</table></div>" * 50
    assert read_html(page, "page").paragraphs == read_html(page.encode(), "page").paragraphs


# -- parts that a page sends late ----------------------------------------------------------------------

SHELL = """<main><h1>Ferry runs again</h1><!--$?--><template id="B:0"></template><p>Loading the article</p>
<!--$--><p>Loading more</p><!--/$--><!--/$--><p>Last line.</p></main><footer>About us</footer>"""


def test_late_parts_are_read_where_the_page_moves_them():
    page = f"""<body>{SHELL}<div hidden id="S:1f"><p>Second part.</p></div>
    <div hidden id="S:0"><article><p>First part.</p><template id="P:1f"></template></article></div>
    <script>$RS("S:1f","P:1f");$RC("B:0","S:0")</script></body>"""
    expected = ["Ferry runs again", "First part.", "Second part.", "Last line.", "About us"]
    document = read_html(page, "late")
    assert [paragraph.text for paragraph in document.paragraphs] == expected
    assert document.paragraphs[1].layout.path == ("p", "article", "main", "body", "html")
    assert document.paragraphs[1].layout.depth == document.paragraphs[0].layout.depth + 1


def test_a_late_part_in_a_line_leaves_it_whole_and_an_empty_one_takes_its_stand_in_away():
    page = """<body><p>By <!--$?--><template id="B:0"></template><span>...</span><!--/$--> on Tuesday.</p>
    <div><!--$?--><template id="B:1"></template><p>Loading</p><!--/$--><p>The end.</p></div>
    <div hidden id="S:0"><b>Ana Ruiz</b></div><div hidden id="S:1"></div></body>"""
    texts = [paragraph.text for paragraph in read_html(page, "late").paragraphs]
    assert texts == ["By Ana Ruiz on Tuesday.", "The end."]


def test_what_only_has_the_name_of_a_late_part_is_read():
    page = f"""<body>{SHELL}<div hidden id="S:0"><p>Part.</p></div><section id="S:0"><p>Seen.</p></section></body>"""
    texts = [paragraph.text for paragraph in read_html(page, "late").paragraphs]
    assert texts == ["Ferry runs again", "Part.", "Last line.", "About us", "Seen."]


def test_a_part_without_a_place_stays_hidden_and_a_place_without_a_part_keeps_its_stand_in():
    page = f'<body>{SHELL}<div hidden id="S:7"><p>Nobody shows this.</p></div></body>'
    texts = [paragraph.text for paragraph in read_html(page, "late").paragraphs]
    assert texts == ["Ferry runs again", "Loading the article", "Loading more", "Last line.", "About us"]


STORY = "<p>A story of a dozen words that anybody sees at once on this page.</p>"


@pytest.mark.parametrize(
    ("parts", "expected"),
    [
        (
            '<template id="B:0"></template><div hidden id="S:0"><p>x</p><template id="B:0"></template></div>',
            ["x"],
        ),
        ('<div hidden id="S:0"><p>x</p><template id="B:0"></template></div>', []),
        (
            '<template id="B:0"></template><div hidden id="S:0"><template id="B:1"></template><p>x</p></div>'
            '<div hidden id="S:1"><template id="B:0"></template></div>',
            ["x"],
        ),
    ],
    ids=["twice", "in-itself", "in-each-other"],
)
def test_parts_that_hold_their_own_places_are_read_once(parts, expected):
    texts = [paragraph.text for paragraph in read_html(f"<body>{STORY}{parts}</body>", "late").paragraphs]
    assert texts[1:] == expected


def test_parts_in_parts_are_each_read_once():
    """Were one read where it lies and again in its place, reading would be quadratic."""
    depth = 200
    places = "".join(f'<template id="B:{i:x}"></template>' for i in range(depth))
    nested = "".join(f'<div hidden id="S:{i:x}">' for i in range(depth)) + "<p>deep</p>" * 10 + "</div>" * depth
    for page in (f"{places}{nested}", f"{nested}{places}"):
        texts = [paragraph.text for paragraph in read_html(f"<body>{STORY}{page}</body>", "late").paragraphs]
        assert texts.count("deep") in (0, 10)
