"""Questionnaires to the sample company Kestrel Ledger: Excel, Word, PDF, text and e-mail.

A question is written once, with its verdict and the lines of the company's documents that answer it; the
forms print it in the manner of whoever asks.
"""

import io
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from email.message import EmailMessage
from email.policy import SMTP

import docx
import openpyxl
from tools.samples.kit import A4, MUTED, Sheet
from tools.samples.truth import GERMAN, Truth
from tools.samples.written import same_archive, set_lines

Drawn = tuple[bytes, Truth]


@dataclass(frozen=True)
class Question:
    """One question: the verdict, the consecutive lines of a passage that answer it, and which are the
    answer where that is not all of them. `number` is printed before it."""

    text: str
    verdict: str
    quote: tuple[str, ...] = ()
    number: str = ""
    answer: tuple[str, ...] = ()


def _ask(text: str, verdict: str, *quote: str, number: str = "", answer: Sequence[str] = ()) -> Question:
    return Question(text, verdict, quote, number, tuple(answer))


def _truth(questions: Sequence[Question]) -> Truth:
    truth = Truth(GERMAN)
    for row, each in enumerate(questions):
        at = f"answers[{row}]"
        truth.cells[f"{at}.verdict"], truth.printed[f"{at}.verdict"] = each.verdict, []
        if each.quote:
            truth.say(f"{at}.quote", " ".join(each.quote), *each.quote)
            answer = each.answer or each.quote[:3]
            truth.say(f"{at}.answer", " ".join(answer), *answer)
    return truth


_SECURITY = [
    _ask(
        "Is multi-factor authentication enforced for all employees?",
        "yes",
        "Multi-factor authentication is enforced for all staff and for all administrators of customers.",
        number="AC-01",
    ),
    _ask(
        "Are shared accounts permitted?",
        "no",
        "Every employee has an account of their own; shared accounts are not allowed.",
        number="AC-02",
    ),
    _ask(
        "Describe how access is removed when an employee leaves.",
        "stated",
        "When somebody leaves, all access is removed on the last working day.",
        number="AC-03",
    ),
    _ask(
        "Is customer data encrypted at rest? Please state the algorithm.",
        "yes",
        "Customer data is encrypted at rest with AES-256.",
        number="CR-01",
    ),
    _ask("Are encryption keys held by the customer?", "not_mentioned", number="CR-02"),
    _ask(
        "How often is an independent penetration test carried out?",
        "stated",
        "An independent firm carries out a penetration test every year.",
        "The last penetration test was carried out in October 2025.",
        number="VM-01",
        answer=["An independent firm carries out a penetration test every year."],
    ),
    _ask("Is there a bug bounty programme?", "not_mentioned", number="VM-02"),
]


def security() -> Drawn:
    """An Excel form with an empty column for the answers."""
    book = openpyxl.Workbook()
    page = book.active
    assert page is not None  # noqa: S101  (a new workbook has a sheet)
    page.title = "Controls"
    page.append(["ID", "Question", "Answer", "Comment"])
    for each in _SECURITY:
        page.append([each.number, each.text])
    out = io.BytesIO()
    book.save(out)
    return same_archive(out.getvalue()), _truth(_SECURITY)


_ONBOARDING = [
    _ask(
        "What is the registration number of your company?",
        "stated",
        "Kestrel Ledger Ltd was founded in 2014 and is registered in Ireland under number 548812.",
        number="1.1",
    ),
    _ask(
        "How many people do you employ?",
        "stated",
        "The company has 46 employees in Galway and Utrecht.",
        number="1.2",
    ),
    _ask(
        "Do you hold a separate cyber insurance?",
        "no",
        "A separate cyber insurance does not exist.",
        number="1.3",
    ),
    _ask(
        "Do you check the criminal records of new employees?",
        "no",
        "References are checked for every new employee; criminal records are not checked.",
        number="2.1",
    ),
    _ask(
        "Do all employees sign a confidentiality agreement before they start work?",
        "yes",
        "All employees sign a confidentiality agreement before they begin.",
        number="2.2",
    ),
    _ask("What is your annual turnover?", "not_mentioned", number="3.1"),
]
_ONBOARDING_HEADS = {"1.1": "1 Your company", "2.1": "2 Staff", "3.1": "3 Finance"}


def onboarding() -> Drawn:
    """A Word form with numbered sections."""
    document = docx.Document()
    document.add_heading("Supplier onboarding", 0)
    document.add_paragraph("Thank you for your interest in working with Alder County Council.")
    for each in _ONBOARDING:
        if head := _ONBOARDING_HEADS.get(each.number):
            document.add_heading(head, 2)
        document.add_paragraph(f"{each.number} {each.text}")
    out = io.BytesIO()
    document.save(out)
    return same_archive(out.getvalue()), _truth(_ONBOARDING)


_CONTINUITY = [
    _ask(
        "Where is our data stored, and does any of it leave the European Union during the contract?",
        "no",
        "Customer data is stored in two data centres in Frankfurt and Dublin.",
        "It does not leave the European Union.",
        number="1.",
    ),
    _ask(
        "For how long do you keep backups? If several periods apply, name each of them.",
        "stated",
        "Backups are made every night and kept for 35 days.",
        number="2.",
    ),
    _ask(
        "How soon after the loss of a data centre are you able to continue the service (recovery time)?",
        "stated",
        "After the loss of a data centre we are back within 8 hours (RTO).",
        number="3.",
    ),
    _ask(
        "Do you test the restoring of backups at least twice a year, and when was the last test?",
        "yes",
        "Restoring is tested twice a year, the last time in March 2026.",
        number="4.",
    ),
    _ask(
        "Is your company itself certified to ISO 27001?",
        "no",
        "The data centres are certified to ISO 27001; Kestrel Ledger itself is not certified.",
        number="5.",
    ),
    _ask("Do you have a plan for a pandemic?", "not_mentioned", number="6."),
]


def continuity() -> Drawn:
    """A PDF: long questions over several lines, boxes to tick below each."""
    sheet = Sheet(A4, title="Continuity questionnaire", author="Brightwater Bank")
    sheet.text(24, 26, "Questionnaire on business continuity", "Serif-Bold", 15)
    sheet.text(24, 33, "Brightwater Bank, third-party risk", "Serif-Regular", 10, MUTED)
    y = 48.0
    for each in _CONTINUITY:
        for line in set_lines(f"{each.number} {each.text}", "Serif-Regular", 10.5, 120):
            sheet.text(24, y, line, "Serif-Regular", 10.5)
            y += 5.2
        sheet.text(30, y + 1, "[  ] Yes    [  ] No    [  ] n/a", "Serif-Regular", 9, MUTED)
        y += 11
    return sheet.pdf(), _truth(_CONTINUITY)


_GERMAN = [
    _ask(
        "Wo werden Kundendaten gespeichert?",
        "stated",
        "Kundendaten werden in Rechenzentren in Frankfurt und Dublin gespeichert.",
    ),
    _ask(
        "Werden Daten in Drittländer übermittelt?",
        "no",
        "Eine Übermittlung in Drittländer findet nicht statt.",
    ),
    _ask(
        "Wird ein Vertrag zur Auftragsverarbeitung geschlossen?",
        "yes",
        "Mit jedem Kunden schließen wir einen Vertrag zur Auftragsverarbeitung nach Art. 28 DSGVO.",
    ),
    _ask(
        "Nennen Sie alle Unterauftragnehmer.",
        "stated",
        "Unterauftragnehmer sind Meridian Hosting GmbH, Postlane Ltd und Tallyho Support BV.",
    ),
    _ask(
        "Wird die Löschung der Daten nach Vertragsende bestätigt?",
        "yes",
        "Die Löschung wird schriftlich bestätigt.",
    ),
    _ask("Wie hoch ist der Jahresbeitrag zur Berufsgenossenschaft?", "not_mentioned"),
]


def auskunft() -> Drawn:
    """A text file with numbered questions in German."""
    lines = ["Fragebogen Datenschutz", "Gemeinde Haselbruch, Beschaffung", ""]
    lines += [f"{number}. {each.text}" for number, each in enumerate(_GERMAN, start=1)]
    return ("\n".join(lines) + "\n").encode(), _truth(_GERMAN)


_STATEMENTS = [
    _ask(
        "The supplier informs customers of an incident within 24 hours.",
        "yes",
        "Customers are informed within 24 hours after we have confirmed an incident that concerns "
        "their data.",
    ),
    _ask(
        "The supplier may use private devices for customer data.",
        "no",
        "Private devices may not be used for customer data.",
    ),
    _ask(
        "The supplier sells customer data to third parties.",
        "no",
        "We process customer data only on the customer's instructions and never sell it.",
    ),
    _ask(
        "The supplier keeps access logs for at least twelve months.",
        "yes",
        "Access to customer data is logged, and the logs are kept for twelve months.",
    ),
    _ask("The supplier carries out background checks on its sub-processors.", "not_mentioned"),
    _ask("The supplier must pay a penalty if availability falls below 99.8 %.", "not_mentioned"),
]


def statements() -> Drawn:
    """Statements to be checked, one on each line; two come near to what is written, and are not in it."""
    return "".join(f"{each.text}\n" for each in _STATEMENTS).encode(), _truth(_STATEMENTS)


_MAIL = [
    _ask(
        "Do you offer single sign-on with SAML?",
        "yes",
        "Single sign-on with SAML and OpenID Connect is part of the Business plan.",
    ),
    _ask(
        "Who is your data protection officer?",
        "stated",
        "The data protection officer is Saoirse Lynch, privacy@kestrel-ledger.example.",
    ),
    _ask(
        "Can you tell us what happens to our data at the end of the contract?",
        "stated",
        "At the end of a contract customers export their data within 30 days.",
        "After that all data is deleted, and the deletion is confirmed in writing.",
    ),
    _ask("Is personal data used to train models?", "no", "Personal data is not used to train models."),
    _ask("Do you have an office in Canada?", "not_mentioned"),
]


def mail() -> Drawn:
    """Questions in the middle of an e-mail, without numbers."""
    made = EmailMessage(policy=SMTP)
    made["From"] = "Nuala Brandt <n.brandt@orchard-clinic.example>"
    made["To"] = "sales@kestrel-ledger.example"
    made["Subject"] = "Some things before we sign"
    made["Date"] = "Thu, 11 Jun 2026 10:12:40 +0100"
    made["Message-ID"] = "<before-we-sign@orchard-clinic.example>"
    body = ["Dear Kestrel team,", "", "we like what we have seen.", "Before we sign:", ""]
    body += [each.text for each in _MAIL]
    body += ["", "Many thanks", "Nuala Brandt"]
    made.set_content("\n".join(body) + "\n", cte="quoted-printable")
    return made.as_bytes(), _truth(_MAIL)


_HEADED = [
    _ask("Minimum length", "stated", "Passwords have at least 14 characters.", number="3.1"),
    _ask(
        "Regular changes",
        "no",
        "They are not changed by the calendar, but at once where a leak is suspected.",
        number="3.2",
    ),
    _ask("Is removable storage blocked?", "yes", "Removable media are blocked.", number="4.1"),
    _ask(
        "Time until the screen locks",
        "stated",
        "Laptops are encrypted, locked after five minutes and managed centrally.",
        number="4.2",
    ),
]


def headed() -> Drawn:
    """A Markdown form whose items mean nothing without the heading above them."""
    lines = ["# IT annex", "", "## 3 Password rules", ""]
    lines += ["3.1 What is the minimum length?", "3.2 Are there regular changes?", "", "## 4 Laptops", ""]
    lines += ["4.1 Is removable storage blocked?", "4.2 After how many minutes is the screen locked?"]
    return ("\n".join(lines) + "\n").encode(), _truth(_HEADED)


QUESTIONNAIRES: dict[str, Callable[[], Drawn]] = {
    "alder-onboarding.docx": onboarding,
    "before-we-sign.eml": mail,
    "brightwater-continuity.pdf": continuity,
    "controls.xlsx": security,
    "haselbruch-datenschutz.txt": auskunft,
    "it-annex.md": headed,
    "statements-to-check.txt": statements,
}
