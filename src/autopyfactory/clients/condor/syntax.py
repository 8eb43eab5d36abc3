"""The syntax of ClassAd expressions, as far as a slip of the pen goes, for where no bindings are loaded.

What is found wrong here is wrong; what is not found here the child finds when it counts.
"""

import re

TOKEN = re.compile(
    r"""
    (?P<blank> \s+ | //[^\n]* | /\*.*?\*/ )
  | (?P<operand> "(?:[^"\\]|\\.)*" | '(?:[^'\\]|\\.)*' | \d[\w.]*(?:(?<=[eE])[+-]\d+)? | \.\d\w*
      | \.?[A-Za-z_]\w* )
  | (?P<operator> =\?= | =!= | >>>? | << | == | != | <= | >= | && | \|\| | [-+*/%<>!~&|^?:] | = )
  | (?P<open> [(\[{] )
  | (?P<close> [)\]}] )
  | (?P<comma> , )
    """,
    re.VERBOSE | re.DOTALL,
)
BRACKETS = {"(": ")", "[": "]", "{": "}"}
UNARY = {"-", "+", "!", "~"}
WORDS = {"is", "isnt"}  # operators


class Reader:
    """Reads tokens, in turns an operand and an operator; `wrong` says what is wrong."""

    def __init__(self) -> None:
        self.wrong = ""
        self._expected: list[str] = []  # closing brackets
        self._wants_operand = True
        self._before = ""

    def read(self, kind: str, text: str) -> None:
        """The next token."""
        if kind == "operand" and text.lower() in WORDS:
            kind = "operator"
        getattr(self, f"_{kind}")(text)
        self._before = text

    def end(self) -> None:
        """No more tokens."""
        if self._expected:
            self.wrong = f"{self._expected[-1]!r} is missing at the end"
        elif self._wants_operand:
            self.wrong = "it ends where something is still to come"

    def _operand(self, text: str) -> None:
        is_continued = text.startswith(".") or (
            text[0] == self._before[-1:] and text[0] in "\"'"
        )  # "two" "parts"
        if not self._wants_operand and not is_continued:
            self.wrong = f"an operator is missing before {text}"
        self._wants_operand = False

    def _operator(self, text: str) -> None:
        if text == "=":
            self.wrong = "'=' is no comparison; write '==', or '=?=' where an attribute may be undefined"
        elif self._wants_operand and text not in UNARY and (self._before, text) != ("?", ":"):
            self.wrong = f"something is missing before {text!r}"
        self._wants_operand = True

    def _open(self, text: str) -> None:
        if not self._wants_operand and text == "{":
            self.wrong = "an operator is missing before '{'"
        self._expected.append(BRACKETS[text])
        self._wants_operand = True

    def _close(self, text: str) -> None:
        if not self._expected or self._expected.pop() != text:
            self.wrong = f"{text!r} closes nothing"
        elif self._wants_operand and self._before not in BRACKETS:
            self.wrong = f"something is missing before {text!r}"
        self._wants_operand = False

    def _comma(self, text: str) -> None:
        if not self._expected:
            self.wrong = f"{text!r} stands outside of any list"
        self._wants_operand = True


def mistake(text: str) -> str:
    """What is wrong with an expression, in words; empty where nothing is seen."""
    reader, place = Reader(), 0
    while place < len(text):
        token = TOKEN.match(text, place)
        if token is None:
            what = "a quote is not closed" if text[place] in "\"'" else "it has no meaning there"
            return f"{text[place:][:20]!r}: {what}"
        if token.lastgroup == "open" and token[0] == "[":
            return ""  # a record or a subscript: for the bindings to judge
        if token.lastgroup != "blank":
            reader.read(str(token.lastgroup), token[0])
        if reader.wrong:
            return reader.wrong
        place = token.end()
    reader.end()
    return reader.wrong
