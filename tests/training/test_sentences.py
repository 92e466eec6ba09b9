from training import sentences
from training.sentences import learn_abbreviations


def test_abbreviations_are_learned_from_how_they_stand_in_texts():
    plain = (
        "It rained that afternoon.",
        "They discussed reconstruction.",
        "He knew the neighbourhood.",
        "Nobody protested.",
    )
    texts = [f"The agric. board met in {place}, and the agric. union of {place} applauded. {plain[i % 4]}"
             for i, place in enumerate(("Arna", "Bergen", "Drammen", "Florvaag", "Gran", "Hamar") * 10)]  # fmt: skip
    found = learn_abbreviations(texts)
    assert "agric" in found
    assert not {"afternoon", "reconstruction", "neighbourhood", "protested", "applauded"} & set(found)
    assert found == sorted(found)


def test_numbers_are_no_abbreviations():
    texts = ["It cost 12.5. and rose to 12.5. again on the day after." for _ in range(40)]
    assert not any(character.isdigit() for word in learn_abbreviations(texts) for character in word)


def test_the_list_is_written_a_word_a_line(tmp_path, monkeypatch):
    place = tmp_path / "training" / "sentences.py"
    target = tmp_path / "classifier" / "features" / "abbreviations.txt"
    target.parent.mkdir(parents=True)
    monkeypatch.setattr(sentences, "__file__", str(place))
    monkeypatch.setattr(sentences, "learn_abbreviations", lambda texts: ["corp", "inc"] if len(texts) > 6000 else [])
    sentences.main()
    assert target.read_text("utf-8") == "corp\ninc\n"
