"""An order that came as a plain e-mail: columns made of spaces, a signature, a quoted earlier message."""

from datetime import date
from decimal import Decimal
from email.message import EmailMessage
from email.policy import SMTP

from tools.samples.truth import GERMAN, Truth, item

_BODY = """\
Guten Tag Frau Löffel,

bitte liefern Sie uns laut {kind} {number} vom {day}:

Art.-Nr.   Bezeichnung                        Menge   Einheit   Preis EUR   Summe EUR
{rows}

Gesamt netto                                                             {net:>12}

Wunschtermin: {delivery}. Unsere Kundennummer bei Ihnen: {customer}.
Lieferung bitte an die Rampe 2, die Rechnung an {invoices}.

Mit freundlichen Grüßen
Theo Krümel, Einkauf

{buyer}
{street}
{town}
USt-IdNr. {vat}

> Am 02.06.2025 schrieb verkauf@loeffel-lieferei.example:
> gern bieten wir Ihnen die Teller zu 6,90 EUR an, Angebot 4471, gültig bis 30.06.2025.
> {supplier}
"""


def kruemel() -> tuple[bytes, Truth]:
    """The buyer writes; the supplier stands only in the address line and in what is quoted."""
    truth = Truth(GERMAN)
    items = [
        item("Speiseteller „Mond“, 27 cm, weiß", "48", "6.90", number="TE-2701", unit="Stück"),
        item("Suppenschale „Mond“, 0,5 l", "48", "5.40", number="SU-0501", unit="Stück"),
        item("Servierlöffel, Edelstahl", "12", "8.75", number="LO-0090", unit="Stück"),
    ]
    rows = [truth.row(i, each) for i, each in enumerate(items)]
    lines = [
        f"{r.number:<11}{r.description:<35}{r.quantity:>5}   {r.unit:<10}{r.price:>9}{r.amount:>12}"
        for r in rows
    ]
    buyer = truth.words("buyer_name", "Gasthaus Zum Krummen Löffel GmbH")[0]
    street, town = truth.words("buyer_address", "Tellerrand 5", "85999 Schmausing")
    supplier = truth.words("supplier_name", "Löffel & Lieferei OHG")[0]
    truth.choice("currency", "EUR", "EUR")
    body = _BODY.format(
        kind=truth.choice("document_kind", "order", "Bestellung"),
        number=truth.identifier("number", "KL-2025-118"),
        day=truth.date("issue_date", date(2025, 6, 5)),
        rows="\n".join(lines),
        net=truth.amount("net", sum((each.amount for each in items), Decimal(0))),
        delivery=truth.date("delivery_date", date(2025, 6, 20)),
        customer=truth.identifier("customer_number", "G-3308"),
        invoices="rechnung@krummer-loeffel.example",
        buyer=buyer,
        street=street,
        town=town,
        vat=truth.identifier("buyer_vat_id", "DE666777882", compact=True),
        supplier=supplier,
    )
    mail = EmailMessage(policy=SMTP)
    mail["From"] = "Theo Krümel <einkauf@krummer-loeffel.example>"
    mail["To"] = "Löffel & Lieferei OHG <verkauf@loeffel-lieferei.example>"
    mail["Date"] = "Thu, 05 Jun 2025 09:12:44 +0200"
    mail["Subject"] = "Bestellung KL-2025-118"
    mail["Message-ID"] = "<20250605091244.118@krummer-loeffel.example>"
    mail.set_content(body, cte="8bit")
    return mail.as_bytes(), truth
