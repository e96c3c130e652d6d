"""Pages as people typed them: the shapes of faults that people who turn transcripts into rows have met, kind by kind.

Each is a name, the markup that stands after :data:`FIRST`, and who then says what: (character, spoken words). One
character's speech may be cut into rows or not.
"""

from conftest import page

#: Enough of a page around a shape to show its habits: its directions stand in parentheses.
FIRST = (
    "<hr>SCENE 1<br>\nA ROOM",
    "<p>(Two people sit.)",
    "<p><b>ANN:</b> First.",
    "<p>(They wait.)",
    "<p><b>BEN:</b> Second.",
    "<p>(Pause.)",
)
ALWAYS = [("ANN", "First."), ("BEN", "Second.")]


def whole(markup: str) -> str:
    """The page on which ``markup`` stands after :data:`FIRST`; ``markup`` itself if it is a whole page."""
    return markup if "<body" in markup.lower() else page(*FIRST, markup)


KINDS: dict[str, dict[str, tuple[str, list[tuple[str, str]]]]] = {
    "name and colon apart": {
        "in part, letters": ("<p><b>C</b>AT: One.", [("CAT", "One.")]),
        "in part, first": ("<p><b>OLD</b> CAT: One.", [("OLD CAT", "One.")]),
        "in part, last": ("<p>OLD <b>CAT:</b> One.", [("OLD CAT", "One.")]),
        "title in bold": ("<p><b>MRS.</b> BELL: One.", [("MRS. BELL", "One.")]),
        "colon after a line break": ("<p><b>CAT</b><br>\n(low): One.", [("CAT", "One.")]),
        "no colon, words": (
            "<p><b>CAT:</b> One.<p><b>DOG:</b> Two.<p><b>CAT</b> Three.",
            [("CAT", "One."), ("DOG", "Two."), ("CAT", "Three.")],
        ),
        "no colon, direction": (
            "<p><b>CAT:</b> One.<p><b>DOG:</b> Two.<p><b>CAT (low)</b> Three.",
            [("CAT", "One."), ("DOG", "Two."), ("CAT", "Three.")],
        ),
        "no colon, action": ("<p><b>CAT:</b> One.<p><b>CAT</b> sits down.<p>Two.", [("CAT", "One. Two.")]),
        "no colon on the page": (
            "<html><body><p><b>CAT</b> One.<p><b>DOG</b> Two.<p><b>CAT</b> Three.</body></html>",
            [("CAT", "One."), ("DOG", "Two."), ("CAT", "Three.")],
        ),
        "a paragraph in a link": (
            '<p><a href="x"><b>CAT:</b> One.</a><p><b>DOG:</b> Two.',
            [("CAT", "One."), ("DOG", "Two.")],
        ),
        "after letters that nobody sees": ("<p>&#8203;<b>CAT:</b> One.", [("CAT", "One.")]),
        "parenthesis between": ("<p><b>CAT</b> (low): One.", [("CAT", "One.")]),
        "no space before the parenthesis": ("<p><b>CAT</b>(low): One.", [("CAT", "One.")]),
        "parenthesis in italics": ("<p><b>CAT</b> <i>(low)</i>: One.", [("CAT", "One.")]),
        "italics within": ("<p><b><i>CAT</i>:</b> One.", [("CAT", "One.")]),
        "italics without the colon": ("<p><i><b>CAT</b>:</i> One.", [("CAT", "One.")]),
        "font within": ("<p><b><font>CAT</font>:</b> One.", [("CAT", "One.")]),
        "a part underlined": ("<p><b>OLD <u>CAT</u>:</b> One.", [("OLD CAT", "One.")]),
        "in two": ("<p><b>CA</b><b>T:</b> One.", [("CAT", "One.")]),
        "colon in a bold of its own": ("<p><b>CAT</b><b>:</b> One.", [("CAT", "One.")]),
        "colon after a space": ("<p><b>CAT</b> <b>:</b> One.", [("CAT", "One.")]),
        "a word processor's": ("<p><b><span>DOG</span></b><b>:</b><span> One.</span>", [("DOG", "One.")]),
        "a word processor's, with a title": (
            "<p><b><span>DR. </span><span>DOG</span>:</b> One.",
            [("DR. DOG", "One.")],
        ),
        "semicolon after the bold": ("<p><b>CAT</b>; One.", [("CAT", "One.")]),
        "two colons": ("<p><b>CAT::</b> One.", [("CAT", "One.")]),
        "two colons apart": ("<p><b>CAT:</b>: One.", [("CAT", "One.")]),
        "line break within": ("<p><b>MR.<br>BELL:</b> One.", [("MR. BELL", "One.")]),
        "strong": ("<p><strong>CAT</strong>: One.", [("CAT", "One.")]),
        "a link in bold": ('<p><b><a href="cat.htm">CAT</a>:</b> One.', [("CAT", "One.")]),
        "an anchor in bold": ('<p><b><a name="1">CAT</a>:</b> One.', [("CAT", "One.")]),
        "span": ('<p><span class="char">CAT</span>: One.</p>', [("CAT", "One.")]),
        "span and parenthesis": ('<p><span class="char">CAT</span> (low): One.</p>', [("CAT", "One.")]),
    },
    "bold that is no name": {
        "in quotes": ('<p><b>CAT:</b> He said "<b>BELL: TWO</b>" to me.', [("CAT", 'He said "BELL: TWO" to me.')]),
        "known name and more": ("<p><b>CAT:</b> I told <b>ANN: go</b> home.", [("CAT", "I told ANN: go home.")]),
        "known name, colon outside": (
            "<p><b>CAT:</b> I saw <b>ANN</b>: she was well.",
            [("CAT", "I saw ANN: she was well.")],
        ),
        "clock": ("<p><b>CAT:</b> It is <b>10:15</b> now.", [("CAT", "It is 10:15 now.")]),
        "sign in a direction": ("<p><b>CAT:</b> One. (The sign says <b>DANGER: BELLS</b>.)", [("CAT", "One.")]),
        "sign in a direction of its own": ("<p>(A button labelled <b>FIRE: PUSH</b>.)<p>Third.", [("BEN", "Third.")]),
        "address": (
            "<p><b>CAT:</b> Go to <b>http://spoons.example/</b> now.",
            [("CAT", "Go to http://spoons.example/ now.")],
        ),
        "verse": ("<p><b>CAT:</b> It is <b>Spoons 3:16</b>.", [("CAT", "It is Spoons 3:16.")]),
        "emphasis": ("<p><b>CAT:</b> You know <b>what: nothing</b>.", [("CAT", "You know what: nothing.")]),
        "rule": (
            "<p><b>CAT:</b> I read <b>Rule one: no bells.</b> Fine.",
            [("CAT", "I read Rule one: no bells. Fine.")],
        ),
        "a bold that opens twice": (
            "<p><b>CAT:<b> One. He said: go.<p><b>DOG:</b> Two.",
            [("CAT", "One. He said: go."), ("DOG", "Two.")],
        ),
        "known name in mid-sentence": (
            "<p><b>CAT:</b> One and <b>ANN:</b> Two.",
            [("CAT", "One and"), ("ANN", "Two.")],
        ),
        "known name in a direction": ("<p><b>CAT:</b> One (he reads <b>ANN: two</b>) three.", [("CAT", "One three.")]),
        "name after an open direction": ("<p>(They wait <b>CAT:</b> One.", [("CAT", "One.")]),
    },
    "bold time or place": {
        "place in mixed case": ("<p><b>Bell Hall, 10:15 PM</b>", []),
        "place and small letters": ("<p><b>SPOONVILLE, VA<br>9:13 p.m.</b>", []),
        "clock": ("<p><b>9:13 p.m.</b>", []),
        "clock and colon": ("<p><b>10:15 PM:</b> The hall is dark.", []),
        "day": ("<p><b>MONDAY, 9:15 AM</b>", []),
        "place": ("<p><b>SPOONVILLE, D.C. 10:42 P.M.</b>", []),
        "clock in a span": ('<p><span class="char">9:13 p.m.</span></p>', []),
        "place in a span": ('<p><span class="char">SPOONVILLE, D.C. 10:42 P.M.</span></p>', []),
        "date": ("<p><b>May 3, 1996</b>", []),
    },
    "two speakers": {
        "three": ("<p><b>CAT</b>, <b>DOG</b> and <b>OWL:</b> One.", [("CAT, DOG AND OWL", "One.")]),
        "titles": ("<p><b>MR. BELL</b> and <b>MRS. BELL</b>: One.", [("MR. BELL AND MRS. BELL", "One.")]),
        "the second plain": ("<p><b>CAT</b> and BEN: One.", [("CAT AND BEN", "One.")]),
        "the first plain": ("<p>ANN and <b>CAT:</b> One.", [("ANN AND CAT", "One.")]),
        "small and in the midst": ("<p><b>CAT:</b> One. BEN and ANN: Two.", [("CAT", "One."), ("BEN AND ANN", "Two.")]),
        "mixed case": ("<p><b>Ann, Ben and Cat:</b> One.", [("ANN, BEN AND CAT", "One.")]),
        "and between": ("<p><b>CAT</b> and <b>DOG:</b> One.", [("CAT AND DOG", "One.")]),
        "ampersand between": ("<p><b>CAT</b> &amp; <b>DOG</b>: One.", [("CAT & DOG", "One.")]),
        "slash between": ("<p><b>CAT</b>/<b>DOG:</b> One.", [("CAT/DOG", "One.")]),
        "plain": ("<p>ANN AND BEN: One.", [("ANN AND BEN", "One.")]),
        "plain ampersand": ("<p>ANN &amp; BEN (together): One.", [("ANN & BEN", "One.")]),
        "plain slash": ("<p>ANN/BEN: One.", [("ANN/BEN", "One.")]),
        "plain, one of them a stranger": ("<p>ANN AND CAT: One.", [("BEN", "ANN AND CAT: One.")]),
        "in the midst": (
            "<p><b>CAT:</b> One. ANN AND BEN: Two. CAT: Three.",
            [("CAT", "One."), ("ANN AND BEN", "Two."), ("CAT", "Three.")],
        ),
    },
    "names in plain text": {
        "after an abbreviation": (
            "<p><b>CAT:</b> Who is it? FBI. ANN: Come in.",
            [("CAT", "Who is it? FBI."), ("ANN", "Come in.")],
        ),
        "after a short word": ("<p><b>CAT:</b> Well? NO. ANN: Yes.", [("CAT", "Well? NO."), ("ANN", "Yes.")]),
        "after one letter": ("<p><b>CAT:</b> It was I. ANN: Yes.", [("CAT", "It was I."), ("ANN", "Yes.")]),
        "letters beyond Latin 1": (
            "<p><b>ŽOFIE:</b> Oh.<p><b>CAT:</b> Sit. ŽOFIE: No.",
            [("ŽOFIE", "Oh."), ("CAT", "Sit."), ("ŽOFIE", "No.")],
        ),
        "ligature": (
            "<p><b>ŒDIPE:</b> Oh.<p><b>CAT:</b> Sit. ŒDIPE: No.",
            [("ŒDIPE", "Oh."), ("CAT", "Sit."), ("ŒDIPE", "No.")],
        ),
        "comma": (
            "<p><b>BELL, SR.:</b> Oh.<p><b>CAT:</b> Sit. BELL, SR.: No.",
            [("BELL, SR.", "Oh."), ("CAT", "Sit."), ("BELL, SR.", "No.")],
        ),
        "small letters": (
            "<p><b>McBELL:</b> Oh.<p><b>CAT:</b> Sit. McBELL: No.",
            [("MCBELL", "Oh."), ("CAT", "Sit."), ("MCBELL", "No.")],
        ),
        "title": (
            "<p><b>Mr. BELL:</b> Oh.<p><b>CAT:</b> Sit. Mr. BELL: No.",
            [("MR. BELL", "Oh."), ("CAT", "Sit."), ("MR. BELL", "No.")],
        ),
        "quotes": (
            '<p><b>JACK "SPOON" BELL:</b> Oh.<p><b>CAT:</b> Sit. JACK "SPOON" BELL: No.',
            [('JACK "SPOON" BELL', "Oh."), ("CAT", "Sit."), ('JACK "SPOON" BELL', "No.")],
        ),
        "semicolon": ("<p>ANN; One.", [("ANN", "One.")]),
        "clock after a known name": (
            "<p><b>CAT:</b> One. At 5: 00 A.M. ANN: Two.",
            [("CAT", "One. At 5: 00 A.M."), ("ANN", "Two.")],
        ),
    },
    "lines": {
        "semicolons": ("<p>ANN; One.<br>BEN; Two.", [("ANN", "One."), ("BEN", "Two.")]),
        "an end tag of a break": ("<p>ANN: One</br>BEN: Two", [("ANN", "One"), ("BEN", "Two")]),
        "all in one paragraph": (
            "<html><body><hr>SCENE 1<br>A ROOM<br><br><b>ANN:</b> One.<br><br><b>CUT TO:</b><br><br>"
            "<b>BEN:</b> Now. ANN: Stop!</body></html>",
            [("ANN", "One."), ("BEN", "Now."), ("ANN", "Stop!")],
        ),
        "mis-nested, another in the midst": (
            "<b><p>CAT:</b> One. <b>DOG:</b> Two.",
            [("CAT", "One."), ("DOG", "Two.")],
        ),
        "mis-nested cut": ("<b><p>CAT:</b> One.<b><p>BACK TO:</b> The hall.", [("CAT", "One.")]),
        "mis-nested strong": ("<strong><p>CAT:</strong> One.", [("CAT", "One.")]),
        "mis-nested span": ('<span class="char"><p>CAT:</span> One.', [("CAT", "One.")]),
        "no full stop": ("<p>ANN: One<br>\nBEN: Two", [("ANN", "One"), ("BEN", "Two")]),
        "after a bold name": ("<p><b>CAT:</b> One<br>\nBEN: Two", [("CAT", "One"), ("BEN", "Two")]),
        "bold names": ("<p><b>CAT:</b> One<br>\n<b>DOG:</b> Two", [("CAT", "One"), ("DOG", "Two")]),
        "preformatted": ("<pre>\nANN: One\nBEN: Two\n</pre>", [("ANN", "One"), ("BEN", "Two")]),
        "preformatted, wrapped": ("<pre>\nANN: One\ntwo\n\nBEN: Three\n</pre>", [("ANN", "One two"), ("BEN", "Three")]),
        "preformatted scenes": (
            "<html><body><pre>\nSCENE 1\nA HALL\n\n(A bell.)\n\nANN: One\n\nBEN: Two\n\n"
            "SCENE 2\nA BARN\n\nANN: Three\n</pre></body></html>",
            [("ANN", "One"), ("BEN", "Two"), ("ANN", "Three")],
        ),
        "no markup at all": (
            "<html><body>SCENE 1<br>A HALL<br><br>ANN: One<br><br>BEN (low): Two<br><br>(A bell.)<br><br>"
            "ANN: Three</body></html>",
            [("ANN", "One"), ("BEN", "Two"), ("ANN", "Three")],
        ),
        "mixed case, no markup": (
            "<html><body><p>Ann: One.<p>Ben: Two.<p>Ann: Three.<p>Ben: Four.<p>Ann: He said: five.<p>Ben: Six."
            "</body></html>",
            [
                ("ANN", "One."),
                ("BEN", "Two."),
                ("ANN", "Three."),
                ("BEN", "Four."),
                ("ANN", "He said: five."),
                ("BEN", "Six."),
            ],
        ),
    },
    "name after name": {
        "another": ("<p><b>CAT:</b> BEN: One.", [("BEN", "One.")]),
        "another after a direction": ("<p><b>CAT:</b> (nods) BEN: One.", [("CAT", ""), ("BEN", "One.")]),
        "the same": ("<p><b>CAT:</b> CAT: One.", [("CAT", "One.")]),
        "the same with a direction": ("<p><b>CAT:</b> CAT (low): One.", [("CAT", "One.")]),
        "the same in a span": ('<p><span class="char">CAT:</span> CAT: One.</p>', [("CAT", "One.")]),
        "cut in two": ("<p><b>OLD CAT:</b> Yes.<p><b>OLD:</b> CAT: One.", [("OLD CAT", "Yes. One.")]),
        "both bold": ("<p><b>CAT:</b> <b>DOG:</b> One.", [("DOG", "One.")]),
        "a stranger": ("<p><b>CAT:</b> DOG: One.", [("CAT", "DOG: One.")]),
    },
    "they speak": {
        name.lower(): (f"<p><b>{name}:</b> One.", [(name, "One.")])
        for name in (
            *("COMMERCIAL ACTOR", "CAST MEMBER", "NOTE TAKER", "FLASH GORDON", "SCENES MANAGER", "OPENING ACT SINGER"),
            *("CAPTION WRITER", "MEMO CLERK", "TEASER GIRL", "CREDITS CLERK", "TITLE HOLDER", "SUMMARY WRITER"),
            *("INTERN", "EXTRA", "CUTLER", "FADED MAN", "SUPERVISOR", "PANHANDLER", "MONTAGUE", "BACKPACKER"),
            *(
                "JANITOR 1",
                "MARSHAL 2",
                "MAYOR",
                "JUNE",
                "SUN",
                "TIMEKEEPER",
                "WIDE RECEIVER",
                "FROMAN",
                "TODD",
                "DATER",
            ),
        )
    },
    "cuts and labels": {
        **{
            name.lower(): (f"<p><b>{name}:</b> The hall.", [])
            for name in (
                *("BACK TO", "MATCH CUT", "TIME LAPSE", "MONTAGE", "SUPER", "PAN TO", "WIDE ON", "MUSIC UP", "CUT TO"),
                *(
                    "FADE IN",
                    "SMASH CUT TO",
                    "INTERCUT WITH",
                    "CLOSE ON",
                    "ANGLE ON CAT",
                    "INT. BARN",
                    "EXT. BARN - DAY",
                ),
                *("SCENE 4", "TITLE CARD", "OPENING CREDITS", "END CREDITS", "COMMERCIAL BREAK", "LATER", "CAT'S POV"),
                *("TWO DAYS LATER", "THE NEXT MORNING", "CONTINUED", "THE END", "ACT TWO", "REMARKS", "WARNING"),
            )
        },
        **{
            f"before the script: {name.lower()}": (
                f"<html><body><p><b>{name}:</b> A. Spoon.<hr>SCENE 1<br>A HALL<p><b>ANN:</b> One.</body></html>",
                [("ANN", "One.")],
            )
            for name in (
                *("Air Date", "Original air date", "Edited by", "Teleplay by", "Story by", "Written by", "Directed by"),
                *("Guest starring", "Author's note", "Please note", "Copyright", "Thanks to", "E-mail", "Website"),
                *("Production code", "Last updated", "Tagline", "Typed by", "Transcribed by", "Special thanks to"),
                *("Disclaimer", "Summary", "Rating", "Spoilers", "Season", "Episode", "Title", "Date", "Archive"),
            )
        },
    },
    "signs": {
        "a letter for a name": (
            "<p><b>PATIENT A:</b> One.<p><b>PATIENT B:</b> Two.",
            [("PATIENT A", "One."), ("PATIENT B", "Two.")],
        ),
        "ends in a conjunction": ("<p><b>NO ENTRY UNLESS:</b> YOU HAVE A SPOON", []),
        "ends in a preposition": ("<p><b>PLEASE KNOCK BEFORE:</b> ENTERING", []),
        "in a span": ('<p><span class="char">A PARADE WILL COMMENCE ON:</span> MONDAY</p>', []),
        "clock": ("<p><b>AT 5: 00 A.M.</b> THE BELLS RING", []),
        "speech that begins with a digit": ("<p><b>DOG 2:</b> 10 bells.", [("DOG 2", "10 bells.")]),
    },
    "after the last speech": {
        "address of a page": ("<p>www.spoons.example", []),
        "hits": ("<p>Hits: 1042", []),
        "headline": ("<h3>Share</h3>", []),
        "headline, and more": ("<h3>Share</h3><p>With your friends", []),
        "back to top": ("<p>Back to top", []),
        "copyright": ("<p>&copy; 2001 A. Spoon", []),
        "update": ("<p>Last updated 3 May 2001", []),
        "transcriber": ("<p>Transcribed by A. Spoon", []),
        "counter": ("<p>You are visitor number 00421", []),
        "links": ('<p><a href="a.htm">Home</a> | <a href="b.htm">Next</a>', []),
        "links without addresses": ("<p>Home | Next", []),
        "link in a sentence": ('<p>Go <a href="../index.html">back to the list</a>', []),
        "mail": ('<p>Write to <a href="mailto:spoon@example">me</a>!<p>I like letters.', []),
        "address": ("<address>Kept by Spoon</address>", []),
        "rule": ("<hr>\nBack to the list", []),
        "rule and paragraphs": ("<hr>\n<p>A long time since my last one.<p>Tell me if you like it!", []),
        "rule and a direction": ("<p><b>CAT:</b> One.<hr>\n<p>(They drive away.)", [("CAT", "One.")]),
        **{
            f"after the scenes: {name}": (
                '<div class="sceneheader"><p>SCENE 2</p></div><div class="scenetext"><p class="desc">A hall.</p>'
                f'<p><span class="char">CAT:</span> One.</p><p class="desc">Fade.</p></div>{markup}',
                [("CAT", "One.")],
            )
            for name, markup in {
                "paragraph": "<p>A long time since my last one - please tell me if you like it!</p>",
                "rule": '<div class="separator"><hr></div><p>A long time since my last one!</p>',
                "bare": "A long time since my last one - please tell me if you like it!",
                "div": '<div class="footer"><p>A long time since my last one!</p></div>',
                "italics": "<p><i>A long time since my last one!</i></p>",
                "small": "<p><small>A long time since my last one!</small></p>",
                "centred": "<center>A long time since my last one!</center>",
                "two": "<p>A long time since my last one!</p><p>Tell me.</p>",
            }.items()
        },
    },
    "marks of a voice": {
        name: (f"<p><b>CAT{name}:</b> One.", [("CAT", "One.")])
        for name in (
            *(" O.C.", " CONT'D", " CONT’D", " OFF SCREEN", " OFF-SCREEN", " IN VISION", ", V.O.", " - VOICE OVER"),
            *(" VOICEOVER", " V.O.", "'S VOICE", " ON TV", " ON MESSAGE", " ON PHONE", " (V.O.)", " CONTINUED", " OS"),
        )
    },
    "brackets": {
        "of two kinds around a direction": ("<p><b>CAT (low]:</b> One.", [("CAT", "One.")]),
        "around the name, and a direction": ("<p><b>(CAT) (low):</b> One.", [("CAT", "One.")]),
        "a trunk prefix": ("<p><b>CAT:</b> Dial (0)20 555.", [("CAT", "Dial (0)20 555.")]),
        "never closed": ("<p><b>CAT (low:</b> One.", [("CAT", "One.")]),
        "nested": ("<p><b>CAT (to DOG (low)):</b> One.", [("CAT", "One.")]),
        "around the name": ("<p><b>(CAT):</b> One.", [("CAT", "One.")]),
        "square, around the name": ("<p><b>[CAT]:</b> One.", [("CAT", "One.")]),
        "square, after the name": ("<p><b>CAT [low]:</b> One.", [("CAT", "One.")]),
        "of two kinds": ("<p><b>CAT:</b> One (he nods] two.", [("CAT", "One two.")]),
        "area code": ("<p><b>CAT:</b> Call (555) 0144.", [("CAT", "Call (555) 0144.")]),
        "clock": ("<p><b>CAT (at 3:15):</b> One.", [("CAT", "One.")]),
        "time stamp": ("<p><b>(02:50) CAT:</b> One.", [("CAT", "One.")]),
    },
    "invisible letters": {
        name: (f"<p><b>C{letter}AT{letter}:</b> O{letter}ne.", [("CAT", "One.")])
        for name, letter in {
            "soft hyphen": "&shy;",
            "space of no width": "&#8203;",
            "byte order mark": "&#65279;",
            "left-to-right mark": "&lrm;",
            "right-to-left mark": "&rlm;",
            "word joiner": "&#8288;",
        }.items()
    },
    "capitals that go on": {
        **{
            text: (f"<p><b>CAT:</b> One.<p>(He jumps.)<p>{text}", [("CAT", f"One. {text}")])
            for text in ("NO!", "OK.", "FBI!", "GET OUT OF THERE!", "WHAT?", "YES.", "NO, NO.")
        },
        "screen": ("<p><b>CAT:</b> One.<p>LOGIN INCORRECT - TRY AGAIN", [("CAT", "One.")]),
        "screen that a direction announces": ("<p><b>CAT:</b> One.<p>(The sign reads:)<p>STOP!", [("CAT", "One.")]),
    },
    "long names in mixed case": {
        "six words": ("<p><b>Man in the big red hat:</b> One.", [("MAN IN THE BIG RED HAT", "One.")]),
        "seven words": ("<p><b>The voice of a very old lady:</b> One.", [("THE VOICE OF A VERY OLD LADY", "One.")]),
        "title": ("<p><b>Lt. Col. Bell:</b> One.", [("LT. COL. BELL", "One.")]),
    },
    "headings": {
        "headline": ("<p><b>CAT:</b> One.<h3>SCENE 2</h3><p>Two.", [("CAT", "One.")]),
        "bold": ("<p><b>CAT:</b> One.<hr><b>SCENE 2</b><br>A HALL<p>Two.", [("CAT", "One.")]),
    },
    "more than one class": {
        "direction in a div": (
            '<p><span class="char">CAT:</span> One.</p><div class="desc">He sits.</div>',
            [("CAT", "One.")],
        ),
        "speaker": ('<p><span class="char first">CAT:</span> One.</p>', [("CAT", "One.")]),
        "direction": ('<p><span class="char">CAT:</span> One.</p><p class="desc x">He sits.</p>', [("CAT", "One.")]),
        "heading": (
            '<div class="sceneheader x"><p>SCENE 2</p></div><p><span class="char">CAT:</span> One.</p>',
            [("CAT", "One.")],
        ),
    },
    "square brackets": {
        "whole speech in two": ("<p><b>CAT:</b> [I have it.] (nods) [We all do.]", [("CAT", "I have it. We all do.")]),
        "note in other words": (
            "<p><b>CAT:</b> One.<p>[According to the closed captions:<p><b>ANN:</b> Two.]<p><b>DOG:</b> Four.",
            [("CAT", "One."), ("DOG", "Four.")],
        ),
        "whole speech": ("<p><b>CAT:</b> [The spoon must be cleaned.]", [("CAT", "The spoon must be cleaned.")]),
        "whole speech, no full stop": ("<p><b>CAT:</b> [the spoon]", [("CAT", "the spoon")]),
        "whole direction": ("<p><b>CAT:</b> [Gives an order]", [("CAT", "")]),
        "uncertain words": ("<p><b>CAT:</b> It was [some breed] of dog.", [("CAT", "It was some breed of dog.")]),
        "pause": ("<p><b>CAT:</b> It was [pause] a dog.", [("CAT", "It was a dog.")]),
        "verb": ("<p><b>CAT:</b> It was [coughs] a dog.", [("CAT", "It was a dog.")]),
        "translation": ("<p><b>CAT:</b> Los platos. [The plates.]", [("CAT", "Los platos.")]),
        "note over paragraphs": (
            "<p><b>CAT:</b> One.<p>[ONLY IN CC:<p><b>ANN:</b> Two.<p><b>BEN:</b> Three.]<p><b>DOG:</b> Four.",
            [("CAT", "One."), ("DOG", "Four.")],
        ),
        "note in a speech, over paragraphs": (
            "<p><b>CAT:</b> One. [In closed captioning: ANN:<p>Two.]<p><b>DOG:</b> Four.",
            [("CAT", "One."), ("DOG", "Four.")],
        ),
        "signed": ("<p><b>CAT:</b> One.<p>[BellF: I like this.]<p>Two.", [("CAT", "One. Two.")]),
        "signed, round": ("<p><b>CAT:</b> One.<p>(DrSpoon likes this.)<p>Two.", [("CAT", "One. Two.")]),
        "side bar": ("<p><b>CAT:</b> One.<p>(Side bar: I like this.)<p>Two.", [("CAT", "One. Two.")]),
        "device": ("<p><b>CAT:</b> One.<p>[Mill PA: Code five.]", [("CAT", "One."), ("MILL PA", "Code five.")]),
        "known name": ("<p><b>CAT:</b> One.<p>[ANN: Two.]", [("CAT", "One."), ("ANN", "Two.")]),
    },
    "voices": {
        "a device, in brackets": ("<p>(Bell PA: Code two.)", [("BELL PA", "Code two.")]),
        "on video": ("<p><b>ON VIDEO:</b> One.", [("ON VIDEO", "One.")]),
        "off camera, plain": ("<p>OFF CAMERA: One.", [("OFF CAMERA", "One.")]),
        "off camera, in brackets": ("<p>(Off camera: Help!)", [("OFF CAMERA", "Help!")]),
        "on video, and who": ("<p><b>ON VIDEO:</b> ANN: One.", [("ANN", "One.")]),
        "on video, and a stranger": ("<p><b>ON VIDEO:</b> CAT: One.", [("CAT", "One.")]),
        "outside": ("<p><b>OUTSIDE:</b> The wind blows.", []),
    },
    "directions": {
        "never opened, and words after": ("<p><b>CAT:</b> No. BEN lifts the spade.) Yes.", [("CAT", "No. Yes.")]),
        "never opened, of two people": ("<p><b>CAT:</b> No. BEN and ANN lift it.)", [("CAT", "No.")]),
        "begun in a speech": ("<p><b>CAT:</b> One. (He stands</p><p>and leaves.) Two.", [("CAT", "One. Two.")]),
        "begun in a speech, three paragraphs": (
            "<p><b>CAT:</b> One. [He stands.<p>He leaves.<p>He is gone.]",
            [("CAT", "One.")],
        ),
        "begun in a speech, never closed": ("<p><b>CAT:</b> One. (He stands<p>Two.", [("CAT", "One. Two.")]),
        "never opened, in a speech": ("<p><b>CAT:</b> No. BEN lifts the spade.)", [("CAT", "No.")]),
        "lost colon, square": ("<p>ANN [lifts the lid] Who?", [("ANN", "Who?")]),
        "lost colon": ("<p><b>MRS BELL:</b> Oh.<p>MRS BELL (on tape) Hi.", [("MRS BELL", "Oh. Hi.")]),
        "over two paragraphs": (
            "<p><b>CAT:</b> One.<p>(He stands</p><p>and leaves.)</p><p>Two.",
            [("CAT", "One. Two.")],
        ),
        "sharp bracket left over": ("<p><b>CAT:</b> One.&gt;", [("CAT", "One.")]),
    },
    "speeches that a heading interrupts": {
        "heading of two paragraphs": (
            '<p><b>CAT:</b> One...<div class="sceneheader"><p>SCENE 2</p><p>A HALL</p></div><p>...two.',
            [("CAT", "One... ...two.")],
        ),
        "dots": ("<p><b>CAT:</b> One...<hr>SCENE 2<br>\nA HALL\n<p>...two.", [("CAT", "One... ...two.")]),
        "small letter": ("<p><b>CAT:</b> One<hr>SCENE 2<br>\nA HALL\n<p>and two.", [("CAT", "One and two.")]),
        "a direction says so": (
            "<p><b>CAT:</b> One.<hr>SCENE 2<br>\nA HALL\n<p>(CAT continues.)\n<p>Two.",
            [("CAT", "One. Two.")],
        ),
        "no sign of it": ("<p><b>CAT:</b> One.<hr>SCENE 2<br>\nA HALL\n<p>Two.", [("CAT", "One.")]),
        "not the first words": (
            "<p><b>CAT:</b> One.<hr>SCENE 2<br>\nA HALL\n<p>Two, or three.<p>and four.",
            [("CAT", "One.")],
        ),
        "somebody else came between": (
            "<p><b>CAT:</b> One.<hr>SCENE 2<br>\nA HALL\n<p><b>DOG:</b> Two.<p>and three.",
            [("CAT", "One."), ("DOG", "Two. and three.")],
        ),
    },
    "slips of regulars": {
        "elder": ("<p><b>3RD ELDER:</b> One.", [("THIRD ELDER", "One.")]),
        "Rohrer": ("<p><b>KNOWLES ROHRER:</b> One.", [("ROHRER", "One.")]),
    },
    "the tree": {
        "frames": ("<p><b>CAT:</b> One.<noframes>x</noframes><iframe>x</iframe>", [("CAT", "One.")]),
        "after the end": ("<p><b>CAT:</b> One.</html>\n<p><b>DOG:</b> Two.", [("CAT", "One."), ("DOG", "Two.")]),
        "after the body": ("<p><b>CAT:</b> One.</body>\n<p><b>DOG:</b> Two.", [("CAT", "One."), ("DOG", "Two.")]),
        "after the end, twice": ("<p><b>CAT:</b> One.</html> Two.</html> <p>Three.", [("CAT", "One. Two. Three.")]),
        "attributes without values": (
            "<p><b>CAT:</b> One.<hr noshade compact><script async defer>x</script>",
            [("CAT", "One.")],
        ),
        "title in the body": ("<p><b>CAT:</b> One <title>x</title>two.", [("CAT", "One two.")]),
        "option never closed": ("<p><b>CAT:</b> One.<option>x<p><b>DOG:</b> Two.", [("CAT", "One."), ("DOG", "Two.")]),
    },
}
CASES = {f"{kind}: {name}": case for kind, cases in KINDS.items() for name, case in cases.items()}


def joined(rows: list[tuple[str, str]]) -> list[tuple[str, str]]:
    """``rows`` of (character, spoken words), neighbours of one character as one."""
    together: list[tuple[str, str]] = []
    for who, words in rows:
        if together and together[-1][0] == who:
            together[-1] = (who, f"{together[-1][1]} {words}".strip())
        else:
            together.append((who, words))
    return together
