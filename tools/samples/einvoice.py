"""A Factur-X invoice: the page for people, and the same facts as CII XML inside the same PDF.

The XML follows the profile EN 16931 of Factur-X 1.0 (the same as ZUGFeRD 2.x); its element order is
that of the UN/CEFACT schema D16B.
"""

import io
from datetime import date
from decimal import Decimal
from typing import Any
from xml.etree import ElementTree as ET

from pypdf import PdfReader, PdfWriter
from pypdf.generic import ArrayObject, DecodedStreamObject, DictionaryObject, NameObject, TextStringObject
from reportlab.lib.colors import HexColor, white
from tools.samples.kit import MUTED, Column, Sheet, Style
from tools.samples.truth import GERMAN, Item, Tax, Truth, item, taxes

STEEL = HexColor("#33475b")
SIGNAL = HexColor("#ffb703")
PROFILE = "urn:cen.eu:en16931:2017"
RSM = "urn:un:unece:uncefact:data:standard:CrossIndustryInvoice:100"
RAM = "urn:un:unece:uncefact:data:standard:ReusableAggregateBusinessInformationEntity:100"
UDT = "urn:un:unece:uncefact:data:standard:UnqualifiedDataType:100"
_UNITS = {"Tag": "DAY", "Fahrt": "C62", "Std.": "HUR"}


def wolkenkran() -> tuple[bytes, Truth]:
    """The rental of a lift; both halves of the file say the same."""
    truth = Truth(GERMAN)
    items = [
        item("Teleskopbühne WK 18, Tagesmiete", "5", "215.00", "19", "TB-18", "Tag"),
        item("An- und Abtransport", "2", "140.00", "19", "TR-02", "Fahrt"),
        item("Einweisung durch Techniker", "1.5", "68.00", "19", "DL-07", "Std."),
        item("Handbuch „Sicher in der Höhe“", "2", "24.50", "7", "BU-03", "Stück"),
    ]
    split = taxes(items)
    sheet = Sheet(title="Rechnung 2025-1408", author="Wolkenkran Maschinenverleih GmbH")
    _head(sheet, truth)
    columns = [
        Column("Pos", 20),
        Column("Art.-Nr.", 30),
        Column("Bezeichnung", 50),
        Column("Menge", 120, "right"),
        Column("Einh.", 123),
        Column("Einzelpreis", 152, "right"),
        Column("USt.", 165, "right"),
        Column("Gesamt", 190, "right"),
    ]
    style = Style("Roboto-Regular", "Roboto-Medium", 9, head_ink=STEEL)
    y = sheet.head(columns, 20, 190, 118, style)
    rows = [truth.row(i, each) for i, each in enumerate(items)]
    cells = [
        (str(i + 1), r.number, r.description, r.quantity, r.unit, r.price, r.rate, r.amount)
        for i, r in enumerate(rows)
    ]
    y = sheet.rows(columns, cells, 20, 190, y, style)
    _sums(sheet, truth, split, y)
    return _embed(sheet.pdf(), _xml(truth, items, split)), truth


def _head(sheet: Sheet, truth: Truth) -> None:
    sheet.box(20, 18, 15, 15, SIGNAL, 2)
    sheet.shape([(24, 30), (31.5, 21), (32.6, 21.8), (26.5, 30)], STEEL)
    sheet.box(23, 29.2, 9, 1.6, STEEL)
    sheet.text(40, 25.5, "wolkenkran", "Manrope-ExtraBold", 20, STEEL)
    sheet.text(40, 31, "Bühnen · Krane · Stapler", "Manrope-Regular", 8.5, MUTED)
    name = truth.words("supplier_name", "Wolkenkran Maschinenverleih GmbH")[0]
    lines = truth.words("supplier_address", "Hebebühnenallee 18", "38999 Hochoben")
    vat = truth.identifier("supplier_vat_id", "DE444555662", compact=True)
    tax = truth.identifier("supplier_tax_number", "23/999/40117")
    sheet.block(
        190, 20, [name, *lines, f"USt-IdNr. {vat}", f"St.-Nr. {tax}"], "Roboto-Regular", 8, MUTED, 4, "right"
    )
    buyer = truth.words("buyer_name", "Fassadenbau Schwindelfrei AG")[0]
    lines = truth.words("buyer_address", "Gerüststraße 101", "38998 Steilhausen")
    vat = truth.identifier("buyer_vat_id", "DE555666771", compact=True)
    sheet.block(20, 58, [buyer, *lines, f"USt-IdNr. {vat}"], "Roboto-Regular", 10, leading=5.2)
    truth.choice("document_kind", "invoice", "Rechnung")
    sheet.text(20, 98, "Rechnung", "Manrope-Bold", 19, STEEL)
    sheet.text(
        20,
        105,
        "Elektronische Rechnung nach EN 16931, die Rechnungsdaten sind in dieser Datei enthalten.",
        "Roboto-Regular",
        8.5,
        MUTED,
    )
    pairs = [
        ("Rechnungs-Nr.", truth.identifier("number", "2025-1408")),
        ("Datum", truth.date("issue_date", date(2025, 7, 31))),
        ("Lieferdatum", truth.date("delivery_date", date(2025, 7, 25))),
        ("Fällig am", truth.date("due_date", date(2025, 8, 30))),
        ("Kunden-Nr.", truth.identifier("customer_number", "70312")),
        ("Bestell-Nr.", truth.identifier("order_number", "B-25-0711")),
    ]
    sheet.pairs(128, 190, 58, pairs, ("Roboto-Regular", "Roboto-Medium"), 9, 5.4)


def _sums(sheet: Sheet, truth: Truth, split: list[Tax], y: float) -> None:
    net = sum((each.base for each in split), Decimal(0))
    tax = sum((each.amount for each in split), Decimal(0))
    truth.choice("currency", "EUR", "EUR")
    pairs = [("Summe netto", truth.amount("net", net) + " EUR")]
    for i, each in enumerate(split):
        at = f"vat_by_rate[{i}]"
        rate = truth.percent(f"{at}.rate", each.rate)
        base = truth.amount(f"{at}.base", each.base)
        pairs.append((f"USt. {rate} von {base} EUR", truth.amount(f"{at}.amount", each.amount) + " EUR"))
    pairs.append(("Summe USt.", truth.amount("tax_total", tax) + " EUR"))
    y = sheet.pairs(112, 190, y + 4, pairs, ("Roboto-Regular", "Roboto-Regular"), 9.5, 5.6)
    sheet.box(110, y - 2, 82, 10, STEEL, 1)
    sheet.text(113, y + 4.6, "Rechnungsbetrag", "Roboto-Medium", 10.5, white)
    sheet.text(190, y + 4.6, truth.amount("total", net + tax) + " EUR", "Roboto-Bold", 11.5, white, "right")
    # The XML names the payable amount apart; the page shows it as the total.
    truth.say("amount_due", truth.cells["total"], *truth.printed["total"])
    iban = truth.identifier("iban", "DE84 9703 3044 0005 5501 23", compact=True)
    reference = truth.identifier("payment_reference", "WK-2025-1408")
    sheet.block(
        20,
        y + 30,
        [
            "Zahlbar ohne Abzug bis zum Fälligkeitsdatum.",
            f"IBAN {iban}, Bergbank Hochoben",
            f"Verwendungszweck {reference}",
        ],
        "Roboto-Regular",
        9.5,
        leading=5.2,
    )


class _Builder:
    """Writes elements below each other by paths of local names."""

    def __init__(self, root: ET.Element) -> None:
        self.root = root

    def at(self, path: str, text: str = "", **attributes: str) -> ET.Element:
        """Adds the last name of `path`, and what is missing above it."""
        element = self.root
        *parents, last = path.split("/")
        for name in parents:
            found = element.findall(f"{{{RAM}}}{name}")
            element = found[-1] if found else ET.SubElement(element, f"{{{RAM}}}{name}")
        space = UDT if last in {"DateTimeString", "Indicator"} else RAM
        made = ET.SubElement(element, f"{{{space}}}{last}", attributes)
        made.text = text or None
        return made


def _xml(truth: Truth, items: list[Item], split: list[Tax]) -> bytes:
    for prefix, space in (("rsm", RSM), ("ram", RAM), ("udt", UDT)):
        ET.register_namespace(prefix, space)
    root = ET.Element(f"{{{RSM}}}CrossIndustryInvoice")
    context = _Builder(ET.SubElement(root, f"{{{RSM}}}ExchangedDocumentContext"))
    context.at("GuidelineSpecifiedDocumentContextParameter/ID", PROFILE)
    document = _Builder(ET.SubElement(root, f"{{{RSM}}}ExchangedDocument"))
    document.at("ID", truth.cells["number"])
    document.at("TypeCode", "380")
    document.at("IssueDateTime/DateTimeString", _day(truth, "issue_date"), format="102")
    trade = ET.SubElement(root, f"{{{RSM}}}SupplyChainTradeTransaction")
    for position, each in enumerate(items, 1):
        _line(_Builder(ET.SubElement(trade, f"{{{RAM}}}IncludedSupplyChainTradeLineItem")), position, each)
    _agreement(_Builder(ET.SubElement(trade, f"{{{RAM}}}ApplicableHeaderTradeAgreement")), truth)
    delivery = _Builder(ET.SubElement(trade, f"{{{RAM}}}ApplicableHeaderTradeDelivery"))
    at = "ActualDeliverySupplyChainEvent/OccurrenceDateTime/DateTimeString"
    delivery.at(at, _day(truth, "delivery_date"), format="102")
    _settlement(_Builder(ET.SubElement(trade, f"{{{RAM}}}ApplicableHeaderTradeSettlement")), truth, split)
    ET.indent(root)
    return bytes(ET.tostring(root, encoding="UTF-8", xml_declaration=True))


def _day(truth: Truth, path: str) -> str:
    return truth.cells[path].replace("-", "")


def _line(line: _Builder, position: int, each: Item) -> None:
    line.at("AssociatedDocumentLineDocument/LineID", str(position))
    line.at("SpecifiedTradeProduct/SellerAssignedID", each.number)
    line.at("SpecifiedTradeProduct/Name", each.description)
    line.at("SpecifiedLineTradeAgreement/NetPriceProductTradePrice/ChargeAmount", f"{each.price:.2f}")
    unit = _UNITS.get(each.unit, "C62")
    line.at("SpecifiedLineTradeDelivery/BilledQuantity", f"{each.quantity:.4f}", unitCode=unit)
    at = "SpecifiedLineTradeSettlement"
    line.at(f"{at}/ApplicableTradeTax/TypeCode", "VAT")
    line.at(f"{at}/ApplicableTradeTax/CategoryCode", "S")
    line.at(f"{at}/ApplicableTradeTax/RateApplicablePercent", f"{each.rate:.2f}")
    line.at(f"{at}/SpecifiedTradeSettlementLineMonetarySummation/LineTotalAmount", f"{each.amount:.2f}")


def _agreement(agreement: _Builder, truth: Truth) -> None:
    for party, who in (("SellerTradeParty", "supplier"), ("BuyerTradeParty", "buyer")):
        if who == "buyer":
            agreement.at(f"{party}/ID", truth.cells["customer_number"])
        agreement.at(f"{party}/Name", truth.cells[f"{who}_name"])
        street, town = truth.printed[f"{who}_address"]
        postcode, city = town.split(" ", 1)
        agreement.at(f"{party}/PostalTradeAddress/PostcodeCode", postcode)
        agreement.at(f"{party}/PostalTradeAddress/LineOne", street)
        agreement.at(f"{party}/PostalTradeAddress/CityName", city)
        agreement.at(f"{party}/PostalTradeAddress/CountryID", "DE")
        if who == "supplier":
            agreement.at(f"{party}/SpecifiedTaxRegistration")
            agreement.at(
                f"{party}/SpecifiedTaxRegistration/ID", truth.cells["supplier_tax_number"], schemeID="FC"
            )
        agreement.at(f"{party}/SpecifiedTaxRegistration")
        agreement.at(f"{party}/SpecifiedTaxRegistration/ID", truth.cells[f"{who}_vat_id"], schemeID="VA")
    agreement.at("BuyerOrderReferencedDocument/IssuerAssignedID", truth.cells["order_number"])


def _settlement(settlement: _Builder, truth: Truth, split: list[Tax]) -> None:
    settlement.at("PaymentReference", truth.cells["payment_reference"])
    settlement.at("InvoiceCurrencyCode", "EUR")
    settlement.at("SpecifiedTradeSettlementPaymentMeans/TypeCode", "58")
    account = "SpecifiedTradeSettlementPaymentMeans/PayeePartyCreditorFinancialAccount/IBANID"
    settlement.at(account, truth.cells["iban"])
    for each in split:
        settlement.at("ApplicableTradeTax")
        settlement.at("ApplicableTradeTax/CalculatedAmount", f"{each.amount:.2f}")
        settlement.at("ApplicableTradeTax/TypeCode", "VAT")
        settlement.at("ApplicableTradeTax/BasisAmount", f"{each.base:.2f}")
        settlement.at("ApplicableTradeTax/CategoryCode", "S")
        settlement.at("ApplicableTradeTax/RateApplicablePercent", f"{each.rate:.2f}")
    settlement.at(
        "SpecifiedTradePaymentTerms/DueDateDateTime/DateTimeString", _day(truth, "due_date"), format="102"
    )
    at = "SpecifiedTradeSettlementHeaderMonetarySummation"
    settlement.at(f"{at}/LineTotalAmount", truth.cells["net"])
    settlement.at(f"{at}/TaxBasisTotalAmount", truth.cells["net"])
    settlement.at(f"{at}/TaxTotalAmount", truth.cells["tax_total"], currencyID="EUR")
    settlement.at(f"{at}/GrandTotalAmount", truth.cells["total"])
    settlement.at(f"{at}/DuePayableAmount", truth.cells["total"])


def _embed(pdf: bytes, xml: bytes) -> bytes:
    """The PDF with the XML as an associated file, and the metadata that names the profile."""
    writer = PdfWriter(clone_from=PdfReader(io.BytesIO(pdf)))
    writer.add_attachment("factur-x.xml", xml)
    root: Any = writer.root_object
    names = root["/Names"]["/EmbeddedFiles"]["/Names"]
    specification = names[1].get_object()
    specification[NameObject("/AFRelationship")] = NameObject("/Data")
    specification[NameObject("/UF")] = TextStringObject("factur-x.xml")
    embedded = specification["/EF"]["/F"].get_object()
    embedded[NameObject("/Subtype")] = NameObject("/text#2Fxml")
    root[NameObject("/AF")] = ArrayObject([names[1]])
    metadata = DecodedStreamObject()
    metadata.set_data(_XMP.encode())
    metadata.update(
        DictionaryObject(
            {NameObject("/Type"): NameObject("/Metadata"), NameObject("/Subtype"): NameObject("/XML")}
        )
    )
    root[NameObject("/Metadata")] = writer._add_object(metadata)
    out = io.BytesIO()
    writer.write(out)
    return out.getvalue()


_XMP = """<?xpacket begin="\ufeff" id="W5M0MpCehiHzreSzNTczkc9d"?>
<x:xmpmeta xmlns:x="adobe:ns:meta/">
 <rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">
  <rdf:Description rdf:about="" xmlns:fx="urn:factur-x:pdfa:CrossIndustryDocument:invoice:1p0#">
   <fx:DocumentType>INVOICE</fx:DocumentType>
   <fx:DocumentFileName>factur-x.xml</fx:DocumentFileName>
   <fx:Version>1.0</fx:Version>
   <fx:ConformanceLevel>EN 16931</fx:ConformanceLevel>
  </rdf:Description>
 </rdf:RDF>
</x:xmpmeta>
<?xpacket end="w"?>"""
