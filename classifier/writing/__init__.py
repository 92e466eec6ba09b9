"""Writing: one module per output, all of one shape: `write` a scored document, then `close`."""

from classifier.writing.base import FORMATS, Writer, WriterOptions, open_writer
from classifier.writing.sink import OutputError, Sink, StdoutSink

__all__ = ["FORMATS", "OutputError", "Sink", "StdoutSink", "Writer", "WriterOptions", "open_writer"]
