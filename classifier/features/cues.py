"""Words that show who is said to have said what, and how a reader could check it.

One table: kind of cue -> words and phrases, lower case. A phrase counts at its first word. The kinds are the
questions of the label guide: is something reported, by whom, through which outlet, on which occasion?
"""

from functools import reduce
from itertools import pairwise
from operator import or_
from typing import Final

from classifier.features.lexicon import Lexicon

REPORT: Final = 1 << 0  # a verb that reports speech
REACT: Final = 1 << 1  # a verb or noun of public reaction
OUTLET: Final = 1 << 2  # a named news outlet, or a word for one
CHANNEL: Final = 1 << 3  # the way a statement reached the public
OCCASION: Final = 1 << 4  # when and where it was made
DOCUMENT: Final = 1 << 5  # a paper, record or data set that it stands in
DAY: Final = 1 << 6  # a day or date
VAGUE: Final = 1 << 7  # an authority that is nobody in particular
HEARSAY: Final = 1 << 8  # passed on without a source
HEDGE: Final = 1 << 9
OFFICE: Final = 1 << 10  # a public office
BODY: Final = 1 << 11  # an institution
CROWD: Final = 1 << 12  # people without names
ANONYMOUS: Final = 1 << 13  # an unnamed source that is described
ACCUSE: Final = 1 << 14
SENSATION: Final = 1 << 15
SELF: Final = 1 << 16  # the writer, or a speaker, in the first person
OPINION: Final = 1 << 17
STUDY: Final = 1 << 18
ACCORDING: Final = 1 << 19
CERTAIN: Final = 1 << 20  # claims truth or generality
PLACE: Final = 1 << 21  # countries and capitals that speak for governments
EVERYDAY: Final = 1 << 22  # marks of an ordinary person who was interviewed
OUTLET_NAME: Final = 1 << 23  # a common word that outlets are named by: with a capital, within a sentence

KINDS: Final[dict[str, int]] = {
    name.lower(): value for name, value in list(globals().items()) if name.isupper() and isinstance(value, int)
}

_TABLE: Final[dict[int, str]] = {
    REPORT: """said says saying say told tells tell informed added adds adding stated states stating noted notes
        noting announced announcing explained explains explaining described describes describing remarked insisted
        insists insisting claimed claims claiming argued argues warned warns warning admitted acknowledged confirmed
        declared revealed replied responded quipped recalled commented commenting emphasized emphasised stressed
        underlined maintained concluded suggested suggests predicted promised pledged vowed reiterated asserted
        conceded confessed joked wrote writes tweeted posted asked asserting told answered testified reported
        reporting reports mentioned pointed believes believe thinks quoted quoting cited citing alleged alleges
        alleging hinted spoke calls called calling termed dubbed characterized characterised""",
    REACT: """welcomed welcomes welcoming condemned condemns condemning slammed slams hailed hails praised praises
        praising criticized criticised criticizes criticises denounced denounces rejected rejects dismissed urged urges
        urging expressed expresses expressing voiced congratulated blasted ripped reaction reactions reacted reacting
        concern concerned disappointment disappointed regret regretted outrage outraged dismay support opposed opposes
        opposition backed blamed blames accused accuses applauded deplored decried lamented cautioned demanded demands
        refused vows stance position signaled signalled lauded thanked apologized apologised distanced lashed echoed""",
    OUTLET: """reuters afp ap bbc cnn nbc cbs abc npr bloomberg politico axios tass interfax xinhua dpa efe ansa upi
        msnbc cnbc itv pbs rt sputnik anadolu yonhap kyodo nhk rte ndtv ktn telemundo univision forbes newsweek
        buzzfeed huffpost breitbart infowars wikipedia snopes politifact spiegel figaro aljazeera associated/press
        sky/news fox/news al/jazeera new/york/times wall/street/journal washington/post daily newspaper magazine
        broadcaster radio tv television channel correspondent reporter reporters journalist journalists newsroom
        weekly newswire news/agency press/agency news/outlet our/reporter this/newspaper local/media state/media
        state/television state/tv""",
    OUTLET_NAME: """globo wired fortune times post herald gazette tribune journal guardian telegraph observer chronicle
        bild monde welt economist independent mirror mail sun express courier examiner bulletin dispatch inquirer
        sentinel globe ledger""",
    CHANNEL: """tweet tweeted twitter facebook instagram tiktok telegram youtube linkedin weibo truth/social x/post
        post/on posted/on wrote/on on/x tweets posts thread substack podcast video footage livestream blog website
        webpage email e-mail emailed letter statements letters interview interviews interviewed spokesman/told
        spokeswoman/told spokesperson/told told statement press/release news/release press/service communique
        communiqué readout memo voice/message text/message op-ed column essay newsletter autobiography memoir http
        https www published/on by/phone by/email via/email note/to""",
    OCCASION: """conference summit briefing hearing hearings rally speech speeches address remarks reception dinner
        sermon podium plenary congress testimony testified debate forum ceremony
        session interview meeting trial court courtroom parliament assembly congress senate press/conference
        news/conference town/hall council/meeting earnings/call conference/call panel webinar keynote lecture
        inauguration inquest questioning vote voted ruling verdict sentencing vigil protest demonstration visit/to
        on/stage on/air""",
    DOCUMENT: """report reports document documents filing filings submission submissions notice draft leaflet lawsuit
        complaint indictment affidavit transcript records minutes ruling judgment order bill dataset data figures
        statistics census register ledger paper survey poll study audit review petition contract agreement resolution
        decree treaty constitution book chapter page article section appendix table spreadsheet invoice certificate
        database archive archives pages paragraph paragraphs annex appendix according/to/the court/documents
        police/report press/statement""",
    DAY: """monday tuesday wednesday thursday friday saturday sunday yesterday today tonight january february march
        april june july august september october november december jan feb aug sept oct nov dec""",
    VAGUE: """experts analysts observers insiders insider sources critics scientists researchers doctors economists
        specialists historians officials activists commentators pundits academics scholars psychologists source
        many/believe many/say some/say some/believe people/say people/are/saying many/people everyone/knows
        it/is/believed it/is/said it/is/thought it/is/known it/is/understood it/has/been/claimed it/has/emerged
        studies/show research/shows studies/suggest research/suggests science/says
        evidence/suggests studies/have/shown research/has/shown tests/have/shown multiple/sources
        reports/say reports/suggest according/to/reports according/to/sources according/to/insiders
        according/to/experts according/to/analysts word/is rumor/has rumour/has close/to/the sources/close
        wide/consensus widely/believed widely/seen widely/reported being/reported""",
    HEARSAY: """reportedly allegedly supposedly purportedly rumored rumoured rumor rumour rumors rumours speculation
        speculated whispers whispered gossip apparently unconfirmed unverified claimed alleged presumably
        is/said/to are/said/to was/said/to be/said/to has/learned have/learned is/believed/to are/believed/to
        is/thought/to is/understood/to are/understood/to it/seems it/appears it/became/known""",
    HEDGE: """may might could perhaps possibly probably likely seems appears appear suggests maybe potentially seemingly
        would expected conceivably arguably""",
    OFFICE: """president minister premier chancellor senator governor mayor secretary ambassador spokesman spokeswoman
        spokesperson envoy king queen prince princess congressman congresswoman representative commissioner commissar
        chairman chairwoman chair chief director ceo cfo founder general admiral colonel sheriff judge justice
        prosecutor attorney councillor councilman councilwoman councilor councilmember deputy lawmaker mp mep leader
        head boss coach manager captain superintendent principal bishop pope archbishop cardinal professor dr prof
        president-elect speaker whip undersecretary treasurer executive officer diplomat""",
    BODY: """ministry government administration department kremlin pentagon parliament commission agency bureau office
        council court police army military union party committee bank company club federation association authority
        embassy university institute foundation congress senate cabinet palace nato un eu opec imf fbi cia nasa
        regulator watchdog league board firm corporation group organization organisation coalition alliance ngo
        delegation mission bloc secretariat politburo junta regime hospital school church""",
    CROWD: """residents fans supporters opponents people citizens users voters netizens many some others locals
        neighbours neighbors viewers readers parents workers employees students families protesters villagers shoppers
        customers everyone somebody someone public crowd investors traders bettors followers witnesses""",
    ANONYMOUS: """anonymity unnamed unidentified condition/of/anonymity familiar/with asked/not/to requested/anonymity
        not/authorized not/authorised declined/to/be/named knowledge/of/the with/knowledge briefed/on direct/knowledge
        two/people three/people two/officials three/officials a/person/familiar who/declined speak/publicly
        did/not/want/to two/participants""",
    ACCUSE: """corrupt corruption fraud fraudulent criminal crimes crime illegal illegally stolen stole rigged bribe
        bribes bribed treason traitor traitors cover-up coverup conspiracy plot plotted scheme scandal guilty murder
        murdered killed lied lies liar lying hoax scam propaganda agenda puppet puppets blackmail laundering abuse
        abused trafficking rape pedophile paedophile terrorist terrorists smuggled faked fake staged forged hid hidden
        hiding covered secret secretly silenced suppressed destroy destroyed sabotage betrayed affair weaponized
        orchestrated deliberately knowingly planned planted paid plotting behind coverups elites elite globalist
        globalists cabal""",
    SENSATION: """shocking shock stunning bombshell explosive exposed exposes unbelievable miracle cure cures cured
        breakthrough revealed truth banned breaking exclusive amazing incredible disturbing horrifying sick insane
        disgusting evil secretive astonishing toxins toxic poison poisoned detox guaranteed instantly overnight
        doomed catastrophe collapse apocalypse never always nobody everybody destroy wake/up do/not/want/you
        don't/want/you they/don't/want deep/state mainstream/media big/pharma""",
    SELF: """i i'm i've i'd i'll my me we we're we've our us myself ourselves""",
    OPINION: """should must ought deserve deserves wonder hope wish frankly honestly surely obviously clearly
        i/think i/believe in/my/view in/my/opinion to/me i/suspect it/is/time i/would we/should let/us we/need
        the/question/is""",
    STUDY: """study studies research researchers survey poll trial meta-analysis scientists data evidence findings
        analysis paper published journal university""",
    ACCORDING: """according/to as/per citing quoting as/reported/by reported/by published/by""",
    CERTAIN: """every all none entire everyone everybody undeniable proven proof proves fact facts truth simply nothing
        real reality undoubtedly no/doubt of/course without/question only""",
    PLACE: """washington moscow beijing london paris berlin tokyo brussels ankara tehran kyiv kiev delhi islamabad
        riyadh cairo jerusalem canberra ottawa seoul pyongyang rome madrid warsaw kabul
        america britain russia china france germany japan india pakistan iran iraq israel turkey ukraine canada
        australia brazil mexico italy spain poland egypt nigeria kenya indonesia vietnam thailand malaysia philippines
        argentina chile colombia peru venezuela norway sweden denmark finland greece hungary serbia
        croatia romania bulgaria taiwan qatar kuwait jordan syria lebanon yemen ethiopia ghana morocco algeria
        american british russian chinese french german japanese indian pakistani iranian iraqi israeli turkish
        ukrainian canadian australian brazilian mexican italian spanish polish egyptian nigerian kenyan indonesian
        vietnamese thai european african saudi emirati swiss austrian belgian dutch portuguese u.s u.k""",
    EVERYDAY: """resident neighbor neighbour mother father mom dad grandmother wife husband son daughter teacher farmer
        nurse driver shopkeeper owner retired waitress student volunteer bystander witness who/lives who/has/lived
        lives/next lives/in years/old year-old whose runs/the owns worker fisherman seamstress mechanic pensioner
        customer""",
}


LEXICON: Final = Lexicon(_TABLE)
#: All of the kinds, and what else is known of a word: whether it has a capital, whether it may be a name (neither a day
#: nor "I"), and whether it is a phrase's first or second word.
ALL: Final = (1 << 24) - 1
CAPITAL: Final = 1 << 24
NAME: Final = 1 << 25
_FIRST: Final = 1 << 26
_SECOND: Final = 1 << 27
_SECONDS: Final = frozenset(rest[0] for phrases in LEXICON.phrases.values() for rest, _ in phrases)
#: Words that are remembered, and letters of a word that is; a few megabytes.
_MOST_WORDS: Final = 1 << 16
_MOST_LETTERS: Final = 40


class _Known(dict[str, int]):
    """Bits of words as written, found out once for each."""

    def __missing__(self, word: str) -> int:
        lowered = _lowered(word)
        bits = LEXICON.words.get(lowered, 0)
        if word[0].isupper():
            bits |= CAPITAL | (0 if bits & (DAY | SELF) else NAME)
        bits |= (_FIRST if lowered in LEXICON.phrases else 0) | (_SECOND if lowered in _SECONDS else 0)
        if len(word) <= _MOST_LETTERS:
            if len(self) >= _MOST_WORDS:
                self.clear()
            self[word] = bits
        return bits


_KNOWN: Final = _Known()


def kinds(words: list[str]) -> list[int]:
    """Kinds of the words of a sentence, as written; a phrase counts at its first word.

    Other bits than those of `ALL` say more of the word alone, such as `CAPITAL` and `NAME`.
    """
    found = list(map(_KNOWN.__getitem__, words))
    special = reduce(or_, found, 0)
    if special & OUTLET_NAME:
        for i, kind in enumerate(found[1:], start=1):
            if kind & OUTLET_NAME and kind & CAPITAL:
                found[i] |= OUTLET
    if special & _FIRST and special & _SECOND:
        for i, (kind, following) in enumerate(pairwise(found)):
            if kind & _FIRST and following & _SECOND:
                found[i] |= LEXICON.phrase_at(list(map(_lowered, words[i : i + LEXICON.longest])), 0)
    return found


def _lowered(word: str) -> str:
    return word.lower().replace("’", "'")
