"""Which labelled sets of messages, contracts and meetings can be mixed in, by the names of their folders."""

from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

from starter.extra.messages_contracts import cuad
from starter.extra.messages_meetings import ami
from starter.extra.messages_questionnaires import sections, statements
from starter.extra.messages_tickets import asks_for_action, purchase_card, topics
from starter.lesson import Lesson

SETS: Mapping[str, Callable[[Path, Mapping[str, Any]], Iterator[Lesson]]] = {
    "contracts_cuad": cuad,
    "contracts_nda_questionnaire": statements,
    "questionnaire_security": sections,
    "meetings_ami": ami,
    "support_banking77": topics("intent", 2),
    "support_clinc150": topics("intent", 3),
    "support_it_tickets": topics("category", 2),
    "support_complaints_cfpb": topics("product", 4),
    "support_dstc11": topics("intent", 4),
    "support_nlupp": topics("intents", 3),
    "email_action_intent": asks_for_action,
    "transactions_pcard": purchase_card,
}
