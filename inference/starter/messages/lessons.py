"""The lessons of the tasks that read text: messages, contracts, meetings, questionnaires, statements."""

from collections.abc import Mapping

from starter.lesson import Maker
from starter.messages import contracts, meetings, questionnaires, tickets, transactions

LESSONS: Mapping[str, Maker] = {
    "contracts.short": contracts.short,
    "contracts.whole": contracts.whole,
    "meetings.short": meetings.short,
    "meetings.whole": meetings.whole,
    "tickets.short": tickets.short,
    "tickets.whole": tickets.whole,
    "tickets.reply": tickets.reply,
    "transactions.unit": transactions.unit,
    "questionnaires.unit": questionnaires.unit,
}
