"""Plain text: every non-empty line is one paragraph, white space trimmed."""

from classifier.document import Document, Paragraph
from classifier.reading.encoding import decode


def read_text(raw: bytes | str, document_id: str) -> Document:
    """Read one scraped text; bytes in any encoding, with any platform's line ends."""
    text = raw if isinstance(raw, str) else decode(raw)
    return Document(document_id, split_paragraphs(text))


def split_paragraphs(text: str) -> list[Paragraph]:
    """Split at line ends (LF, CRLF, CR); lines of white space alone are no paragraphs."""
    if "\r" in text:
        text = text.replace("\r\n", "\n").replace("\r", "\n")
    text = text.removeprefix("\ufeff").replace("\0", "")
    return [Paragraph(stripped) for line in text.split("\n") if (stripped := line.strip())]
