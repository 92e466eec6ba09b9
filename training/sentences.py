"""Learning abbreviations with Punkt (Kiss and Strunk 2006) for `classifier/features/sentences.py`.

Run as `python -m training.sentences`; it rewrites `classifier/features/abbreviations.txt`.
"""

from pathlib import Path

from nltk.tokenize.punkt import PunktTrainer

from training.corpus import own_corpus, read_labelled


def learn_abbreviations(texts: list[str]) -> list[str]:
    """Abbreviations of a body of text, lower-cased, sorted."""
    trainer = PunktTrainer()
    trainer.INCLUDE_ABBREV_COLLOCS = True
    trainer.train("\n".join(texts), finalize=True)
    found = trainer.get_params().abbrev_types
    return sorted(word for word in found if word.replace(".", "").isalpha())


def main() -> None:
    """Learn from the own corpus and write the list."""
    documents = read_labelled([own_corpus()])
    learned = learn_abbreviations([p.text for document in documents for p in document.paragraphs])
    target = Path(__file__).parents[1] / "classifier" / "features" / "abbreviations.txt"
    target.write_text("\n".join(learned) + "\n", "utf-8")


if __name__ == "__main__":
    main()
