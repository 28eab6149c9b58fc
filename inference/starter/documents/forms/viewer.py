"""E-invoices as viewers show them: every term of EN 16931 with its name, and often with its number."""

import re
from random import Random

from starter.documents import values
from starter.documents.drawn import Drawn
from starter.documents.facts import Facts, Item
from starter.documents.forms.base import Form
from starter.documents.paper import Part, Path, Said
from starter.documents.table import draw_table
from starter.documents.values import pick

TERMS = {
    "de": {
        "BT-1": "Rechnungsnummer", "BT-2": "Rechnungsdatum", "BT-3": "Rechnungsart", "BT-5": "Währung", "BT-9": "Fälligkeitsdatum",
        "BT-10": "Leitweg-ID", "BT-13": "Bestellnummer|Bestellung Nr. Kunde", "BT-27": "Name|Firmenname|Unternehmen",
        "BT-31": "USt.-Id.-Nr.|Umsatzsteuer-ID|USt-IdNr.", "BT-32": "Steuernummer", "BT-35": "Straße|Straße / Hausnummer|Anschrift",
        "BT-37": "Ort", "BT-38": "PLZ|Postleitzahl", "BT-40": "Land|Ländercode", "BT-41": "Ansprechpartner|Name Kontakt", "BT-42": "Telefon",
        "BT-43": "E-Mail", "BT-46": "Kundennummer|Kunden-Nr.|Käuferkennung", "BT-72": "Lieferdatum|Liefer- und Leistungsdatum",
        "BT-73": "Abrechnungszeitraum von|Beginn des Zeitraums|Von", "BT-74": "Abrechnungszeitraum bis|Ende des Zeitraums|Bis",
        "BT-83": "Verwendungszweck", "BT-84": "IBAN", "BT-86": "BIC", "BT-20": "Zahlungsbedingungen",
        "BT-106": "Summe aller Positionen netto|Positionssumme|Summe Nettobeträge", "BT-107": "Summe Nachlässe", "BT-108": "Summe Zuschläge",
        "BT-109": "Gesamtsumme netto|Rechnungssumme ohne USt.|Nettobetrag", "BT-110": "Summe Umsatzsteuer|Steuerbetrag|Umsatzsteuer gesamt",
        "BT-112": "Gesamtsumme brutto|Bruttosumme|Rechnungsbetrag", "BT-113": "Gezahlter Betrag|Vorauszahlung",
        "BT-115": "Fälliger Betrag|Zahlbetrag", "BT-116": "Basisbetrag|Steuerbasis", "BT-117": "Steuerbetrag", "BT-119": "Steuersatz",
        "BT-126": "Position", "BT-129": "Menge", "BT-130": "Einheit", "BT-131": "Gesamtpreis netto|Positionsbetrag|Nettobetrag",
        "BT-146": "Preis netto|Einzelpreis|Nettopreis", "BT-152": "Steuersatz|USt.", "BT-153": "Bezeichnung|Artikelname|Name",
        "BT-155": "Artikelnummer|Artikelkennung",
        "seller": "Verkäufer|Informationen zum Verkäufer|Lieferant|Rechnungssteller", "buyer": "Käufer|Informationen zum Käufer|Rechnungsempfänger|Kunde",
        "data": "Rechnungsdaten|Allgemeine Angaben|Kopfdaten", "lines": "Positionen|Rechnungspositionen", "sums": "Gesamtbeträge der Rechnung|Rechnungssummen|Summen",
        "tax": "Aufschlüsselung der Umsatzsteuer|Umsatzsteuer", "pay": "Zahlungsdaten|Zahlung", "title": "Handelsrechnung (380)|Rechnung (380)|Rechnung|eRechnung|XRechnung",
        "credit": "Gutschrift (381)|Rechnungskorrektur (384)|Gutschrift", "number": "Nr.", "dated": "vom",
    },
    "en": {
        "BT-1": "Invoice number|Invoice No", "BT-2": "Issue date|Invoice issue date", "BT-3": "Invoice type", "BT-5": "Currency|Invoice currency", "BT-9": "Due date|Payment due date",
        "BT-10": "Buyer reference", "BT-13": "Order reference|Purchase order reference", "BT-27": "Name|Seller name|Company", "BT-31": "VAT identifier|VAT ID", "BT-32": "Tax registration|Tax number",
        "BT-35": "Street|Address line 1|Address", "BT-37": "City", "BT-38": "Post code|Postal zone", "BT-40": "Country|Country code", "BT-41": "Contact point|Contact", "BT-42": "Telephone",
        "BT-43": "E-mail", "BT-46": "Buyer identifier|Customer number", "BT-72": "Actual delivery date|Delivery date", "BT-73": "Period start|Start date|Billing period from",
        "BT-74": "Period end|End date|Billing period to", "BT-83": "Remittance information|Payment reference", "BT-84": "IBAN|Account", "BT-86": "BIC", "BT-20": "Payment terms",
        "BT-106": "Sum of line net amounts|Line total", "BT-107": "Sum of allowances|Allowance total", "BT-108": "Sum of charges|Charge total",
        "BT-109": "Total without VAT|Tax exclusive amount|Tax basis total", "BT-110": "Total VAT|VAT amount|Tax total", "BT-112": "Total with VAT|Tax inclusive amount|Grand total",
        "BT-113": "Paid amount|Prepaid amount", "BT-115": "Amount due for payment|Payable amount|Due payable", "BT-116": "Taxable amount", "BT-117": "Tax amount", "BT-119": "VAT rate",
        "BT-126": "Line|Item", "BT-129": "Quantity|Invoiced quantity", "BT-130": "Unit", "BT-131": "Line net amount|Net amount", "BT-146": "Item net price|Net price|Unit price",
        "BT-152": "VAT rate|Tax rate", "BT-153": "Item name|Name|Description", "BT-155": "Seller's item identifier|Item number|Item ID",
        "seller": "Seller|SELLER|Supplier party", "buyer": "Buyer|BUYER|Customer party", "data": "Invoice details|Document|Header", "lines": "Invoice lines|Lines", "sums": "Document totals|Totals",
        "tax": "VAT breakdown|Tax", "pay": "Payment|Payment instructions", "title": "Commercial invoice (380)|Invoice (380)|Invoice", "credit": "Credit note (381)|Credit note", "number": "No.", "dated": "of",
    },
    "fr": {
        "BT-1": "Numéro de facture|N° de facture", "BT-2": "Date de facture|Date d'émission", "BT-3": "Type de facture", "BT-5": "Devise|Devise de facturation", "BT-9": "Date d'échéance",
        "BT-10": "Service exécutant|Référence acheteur", "BT-13": "N° de commande|N° bon de commande", "BT-27": "Nom|Raison sociale", "BT-31": "N° TVA|Identifiant TVA", "BT-32": "SIREN / SIRET|Identifiant fiscal",
        "BT-35": "Adresse|Rue", "BT-37": "Ville", "BT-38": "Code postal", "BT-40": "Pays|Code pays", "BT-41": "Contact", "BT-42": "Téléphone", "BT-43": "E-mail|Courriel",
        "BT-46": "N° de client|Identifiant acheteur", "BT-72": "Date de livraison", "BT-73": "Date de début de prestation|Début de période", "BT-74": "Date de fin de prestation|Fin de période",
        "BT-83": "Référence avis de paiement|Référence de paiement", "BT-84": "IBAN", "BT-86": "BIC", "BT-20": "Conditions de paiement", "BT-106": "Total des lignes HT|Somme des lignes",
        "BT-107": "Total remises", "BT-108": "Total charges", "BT-109": "Total HT|TOTAL HT", "BT-110": "Total TVA|TOTAL TVA", "BT-112": "Total TTC|TOTAL TTC", "BT-113": "Acompte|Montant payé",
        "BT-115": "Net à payer|NET A PAYER", "BT-116": "Base TVA", "BT-117": "Montant TVA", "BT-119": "Taux", "BT-126": "Ligne", "BT-129": "Quantité|Qté", "BT-130": "Unité",
        "BT-131": "Total HT|Montant HT", "BT-146": "Prix unitaire HT|P.U. HT", "BT-152": "TVA|Taux TVA", "BT-153": "Désignation|Nom de l'article", "BT-155": "Code article|Référence",
        "seller": "Vendeur|VENDEUR|Fournisseur", "buyer": "Acheteur|ACHETEUR|Client", "data": "Références|Données de la facture", "lines": "Lignes de facture|Détail", "sums": "Totaux|Montants",
        "tax": "Détail TVA|Ventilation TVA", "pay": "Paiement|Moyen de paiement", "title": "Facture (380)|FACTURE|Facture", "credit": "Avoir (381)|AVOIR", "number": "N°", "dated": "du",
    },
}  # fmt: skip
UNITS = ("H87", "C62", "HUR", "KGM", "PCE", "MTR", "LTR", "MON", "XPP")


def viewer(rng: Random, facts: Facts) -> Drawn:
    """A viewer's page of an e-invoice. Languages without words here are shown in English."""
    return _Viewer(rng, facts).draw()


class _Viewer(Form):
    def __init__(self, rng: Random, facts: Facts) -> None:
        super().__init__(rng, facts)
        self.terms = TERMS.get(facts.style.language, TERMS["en"])
        self.codes = rng.choice(("none", "none", "behind", "before", "column"))
        self.gap = rng.choice((110.0, 130.0, 150.0))
        facts.style.money = rng.choice(
            ("{v}", "{v}", "{v} " + facts.style.currency, "{v} €" if facts.style.currency == "EUR" else "{v}")
        )
        self.coded: dict[str, str] = {}
        self.with_code, self.with_rate = rng.random() < 0.5, rng.random() < 0.7

    def term(self, code: str) -> str:
        """The name of a term, the same throughout the page, with its number in the viewer's manner."""
        if code not in self.coded:
            name = pick(self.rng, self.terms[code].split("|"))
            if self.codes == "behind":
                name = f"{name} ({code})"
            elif self.codes == "before":
                name = f"{code} {name}"
            self.coded[code] = name
        return self.coded[code]

    def heading(self, x: float, y: float, key: str) -> float:
        self.paper.write(x, y, pick(self.rng, self.terms[key].split("|")), self.size * 1.1)
        return y + self.step * 1.2

    def field(self, x: float, y: float, code: str, *parts: Part) -> float:
        """One term on a line of its own, on a new page where the old one is full."""
        y = self.room(y)
        if self.codes == "column":
            self.paper.write(x, y, code, self.size)
            x += 40
        return self.pair(x, y, self.term(code), parts, self.gap if self.codes != "column" else self.gap - 10)

    def said(self, code: str, name: str) -> tuple[str, tuple[Part, ...]]:
        return code, (self.printer.value(name),)

    def draw(self) -> Drawn:
        rng, facts = self.rng, self.facts
        y = 40.0
        titled = rng.random() < 0.5
        if titled:
            title = pick(rng, self.terms["credit" if facts.kind == "credit_note" else "title"].split("|"))
            day = self.printer.value("issue_date")
            parts: tuple[Part, ...] = (
                f"{title}  {self.terms['number']} ",
                self.printer.value("number"),
                f"  {self.terms['dated']}  ",
                day,
            )
            self.paper.write(self.left, y, parts, self.size * 1.2)
            y += self.step * 2
        if rng.random() < 0.5:
            y = self._data(y, titled)
            y = self._parties(y)
        else:
            y = self._parties(y)
            y = self._data(y, titled)
        sections = [self._lines, self._sums, self._tax, self._pay]
        if rng.random() < 0.4:
            sections = [self._sums, self._tax, self._pay, self._lines]
        for section in sections:
            y = section(self.room(y, 60)) + self.step * 0.5
        return self.finish()

    def _data(self, y: float, titled: bool) -> float:
        rng, facts = self.rng, self.facts
        y = self.heading(self.left, y, "data")
        fields: list[tuple[str, tuple[Part, ...]]] = []
        if not titled:
            fields += [self.said("BT-1", "number"), self.said("BT-2", "issue_date")]
        if rng.random() < 0.3:
            fields.append(
                ("BT-3", (rng.choice(("380", "381", "384")) if facts.kind != "credit_note" else "381",))
            )
        if rng.random() < 0.8:
            self.printer.shown_currency = True
            fields.append(("BT-5", (facts.style.currency,)))
        if facts.due and rng.random() < 0.7:
            fields.append(self.said("BT-9", "due_date"))
        if facts.delivered:
            fields.append(self.said("BT-72", "delivery_date"))
        if facts.period:
            first, _, last = self.printer.span()
            fields += [("BT-73", (first,)), ("BT-74", (last,))]
        if facts.order:
            fields.append(self.said("BT-13", "order_number"))
        if rng.random() < 0.3:
            fields.append(
                ("BT-10", (f"{values.digits(rng, 8)}-{values.digits(rng, 5)}-{values.digits(rng, 2)}",))
            )
        if rng.random() < 0.3:
            rng.shuffle(fields)
        for code, parts in fields:
            y = self.field(self.left, y, code, *parts)
        return y + self.step * 0.5

    def _parties(self, y: float) -> float:
        beside = self.rng.random() < 0.45
        roles = [("supplier", "seller"), ("buyer", "buyer")]
        if self.rng.random() < 0.4:
            roles.reverse()
        if beside:
            self.gap, gap = min(self.gap, 110.0), self.gap
            low = max(
                self._party(x, y, role, key) for x, (role, key) in zip((self.left, 310.0), roles, strict=True)
            )
            self.gap = gap
            return low + self.step * 0.5
        for role, key in roles:
            y = self._party(self.left, self.room(y, 80), role, key) + self.step * 0.5
        return y

    def _party(self, x: float, y: float, role: str, key: str) -> float:
        """A party term by term; its address is in several values, in the order of the viewer."""
        rng, party = self.rng, self.party(role)
        y = self.heading(x, y, key)
        path: Path = (f"{role}_address",)
        copy = self.paper.new_copy(path)
        match = re.fullmatch(r"(\S*\d\S*) (.+)", party.town)
        place = [("BT-38", match[1]), ("BT-37", match[2])] if match else [("BT-37", party.town)]
        if rng.random() < 0.3:
            place.reverse()
        y = self.field(x, y, "BT-27", self.name_part(role))
        address = [("BT-35", party.street.strip(",")), *place]
        if rng.random() < 0.7:
            address.append(("BT-40", party.code if rng.random() < 0.6 else party.country))
        for code, text in address:
            y = self.field(x, y, code, Said(text, (path,), copy))
        if role == "buyer" and self.facts.customer:
            y = self.field(x, y, *self._flat(self.said("BT-46", "customer_number")))
        if rng.random() < 0.75:
            y = self.field(x, y, "BT-31", Said(party.vat_id, ((f"{role}_vat_id",),)))
        if rng.random() < (0.45 if role == "supplier" else 0.1):
            y = self.field(x, y, "BT-32", Said(party.tax_number, ((f"{role}_tax_number",),)))
        for code, text in (("BT-41", party.person), ("BT-42", party.phone), ("BT-43", party.mail)):
            if rng.random() < 0.35:
                y = self.field(x, y, code, text)
        return y

    @staticmethod
    def _flat(field: tuple[str, tuple[Part, ...]]) -> tuple[str, Part]:
        return field[0], field[1][0]

    def _lines(self, y: float) -> float:
        y = self.heading(self.left, y, "lines")
        if self.rng.random() < 0.4:
            return draw_table(self, y)
        for number, item in enumerate(self.facts.items):
            y = self._line(number, item, self.room(y, 60))
        return y

    def _line(self, number: int, item: Item, y: float) -> float:
        """One line of the invoice as a block of terms, in the order of the task's columns or the viewer's."""
        rng, printer = self.rng, self.printer
        at = ("lines", number)
        y = self.field(self.left, y, "BT-126", str(number + 1))
        rows: list[tuple[str, list[Part]]] = [
            ("BT-153", [Said(item.description, ((*at, "description"),))]),
            ("BT-129", [printer.quantity(item.quantity, (*at, "quantity"))]),
            ("BT-130", [Said(rng.choice(UNITS), ((*at, "unit"),))]),
            ("BT-146", printer.money(item.price, (*at, "unit_price"))),
            ("BT-131", printer.money(item.amount, (*at, "amount"))),
        ]
        if self.with_code:
            rows.insert(rng.choice((0, 1)), ("BT-155", [Said(item.code, ((*at, "item_number"),))]))
        if self.with_rate:
            rows.insert(-1, ("BT-152", printer.rate(item.rate, (*at, "vat_rate"))))
        for code, parts in rows:
            y = self.field(self.left, y, code, *parts)
        return y + self.step * 0.4

    def _sums(self, y: float) -> float:
        facts, rng = self.facts, self.rng
        y = self.heading(self.left, y, "sums")
        rows: list[tuple[str, int, tuple[str, ...]]] = []
        if rng.random() < 0.8:
            rows.append(
                ("BT-106", facts.goods, ("net",) if not facts.discount and not facts.shipping else ())
            )
        if facts.discount or rng.random() < 0.3:
            rows.append(("BT-107", facts.discount, ()))
        if facts.shipping or rng.random() < 0.3:
            rows.append(("BT-108", facts.shipping, ("shipping",) if facts.shipping else ()))
        rows += [
            ("BT-109", facts.net, ("net",)),
            ("BT-110", facts.tax, ("tax_total",)),
            ("BT-112", facts.total, ("total",)),
        ]
        if facts.paid or rng.random() < 0.3:
            rows.append(("BT-113", facts.paid, ()))
        rows.append(("BT-115", facts.total - facts.paid, ("amount_due",)))
        for code, cents, names in rows:
            weak = code == "BT-106"
            parts = self.printer.money(cents, *((name,) for name in names))
            y = self.field(
                self.left,
                y,
                code,
                *(Said(p.text, p.paths, weak=weak) if isinstance(p, Said) else p for p in parts),
            )
        return y

    def _tax(self, y: float) -> float:
        if not self.facts.taxes:
            return y
        y = self.heading(self.left, y, "tax")
        for number, (rate, base, tax) in enumerate(self.facts.taxes):
            at = ("vat_by_rate", number)
            y = self.field(self.left, y, "BT-116", *self.printer.money(base, (*at, "base")))
            y = self.field(self.left, y, "BT-119", *self.printer.rate(rate, (*at, "rate")))
            y = self.field(self.left, y, "BT-117", *self.printer.money(tax, (*at, "amount")))
        return y

    def _pay(self, y: float) -> float:
        facts = self.facts
        if not (facts.iban or facts.reference or facts.due):
            return y
        y = self.heading(self.left, y, "pay")
        if facts.iban:
            y = self.field(self.left, y, *self._flat(self.said("BT-84", "iban")))
        if facts.reference:
            y = self.field(self.left, y, *self._flat(self.said("BT-83", "payment_reference")))
        if facts.due and "due_date" not in self.printer.shown and self.rng.random() < 0.5:
            self.paper.write(self.left, y, self.printer.due_sentence(), self.size)
            y += self.step
        return y
