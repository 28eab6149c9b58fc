"""A French invoice with freight beside its lines, and a Spanish one with three rates of IVA."""

from datetime import date
from decimal import Decimal

from reportlab.lib.colors import HexColor, white
from tools.samples.kit import INK, MUTED, Column, Sheet, Style
from tools.samples.truth import FRENCH, SPANISH, Item, Truth, item, taxes

ROSE = HexColor("#9d2449")
BLUSH = HexColor("#fbeff2")
OLIVE = HexColor("#5f6b2d")
CREAM = HexColor("#f7f5ea")


def papeterie() -> tuple[bytes, Truth]:
    """Amounts with no-break spaces, two rates, freight that is taxed but is no line."""
    truth = Truth(FRENCH)
    items = [
        item("Papier vergé ivoire A4, 120 g, ramette de 500", "24", "31.80", "20", "PV-120-IV"),
        item("Enveloppes doublées C5, boîte de 100", "10", "42.50", "20", "EN-C5-D"),
        item("Encre « Nuit d’encre », flacon 50 ml", "36", "9.75", "20", "EC-NUI-50"),
        item("Carnet d’adresses illustré (livre)", "15", "14.22", "5.5", "LV-0772"),
    ]
    sheet = Sheet(title="Facture F2024-1106", author="Papeterie de la Lune Bleue SARL")
    _papeterie_head(sheet, truth)
    columns = [
        Column("Référence", 20),
        Column("Désignation", 45),
        Column("Qté", 126, "right"),
        Column("P.U. HT", 147, "right"),
        Column("TVA", 162, "right"),
        Column("Montant HT", 190, "right"),
    ]
    style = Style("Serif-Regular", "Serif-Semibold", 9.2, head_ink=ROSE, head_size=8)
    y = sheet.head(columns, 20, 190, 112, style)
    rows = [truth.row(i, each, percent="\u00a0%") for i, each in enumerate(items)]
    cells = [(r.number, r.description, r.quantity, r.price, r.rate, r.amount) for r in rows]
    y = sheet.rows(columns, cells, 20, 190, y, style)
    _papeterie_sums(sheet, truth, items, y + 4)
    return sheet.pdf(), truth


def _papeterie_head(sheet: Sheet, truth: Truth) -> None:
    sheet.disc(29, 27, 9, ROSE)
    sheet.disc(32.5, 24.5, 7.6, white)
    sheet.text(44, 26, "Papeterie de la", "Serif-It", 11, ROSE)
    sheet.text(44, 33, "Lune Bleue", "Serif-Bold", 19, ROSE)
    truth.choice("document_kind", "invoice", "FACTURE")
    sheet.text(190, 27, "FACTURE", "Serif-Bold", 20, INK, "right", track=1.5)
    number = truth.identifier("number", "F2024-1106")
    sheet.text(190, 33.5, f"N° {number}", "Serif-Regular", 11, MUTED, "right")
    name = truth.words("supplier_name", "Papeterie de la Lune Bleue SARL")[0]
    lines = truth.words("supplier_address", "14, rue des Songes", "75999 Paris-sur-Rêve")
    sheet.text(20, 52, "ÉMETTEUR", "Serif-Semibold", 7, ROSE, track=0.8)
    sheet.block(20, 58, [name, *lines, "contact@lunebleue.example"], "Serif-Regular", 9.5, leading=4.8)
    sheet.text(112, 52, "FACTURÉ À", "Serif-Semibold", 7, ROSE, track=0.8)
    buyer = truth.words("buyer_name", "Imprimerie Quatre Vents SAS")[0]
    lines = truth.words(
        "buyer_address", "Zone artisanale du Moulin", "8, allée des Girouettes", "44999 Ventbourg"
    )
    vat = truth.identifier("buyer_vat_id", "FR87999777667", compact=True)
    sheet.block(112, 58, [buyer, *lines, f"TVA intracom. {vat}"], "Serif-Regular", 9.5, leading=4.8)
    facts = [
        ("Date de facture", truth.date("issue_date", date(2024, 11, 6))),
        ("Date de livraison", truth.date("delivery_date", date(2024, 11, 4))),
        ("Échéance", truth.date("due_date", date(2024, 12, 6))),
        ("Votre commande", truth.identifier("order_number", "CMD-5518")),
        ("Code client", truth.identifier("customer_number", "C0467")),
    ]
    sheet.box(20, 88, 170, 15, BLUSH)
    for i, (label, value) in enumerate(facts):
        sheet.text(24 + i * 34, 94, label, "Serif-Regular", 7.5, MUTED)
        sheet.text(24 + i * 34, 99, value, "Serif-Semibold", 9.5)


def _papeterie_sums(sheet: Sheet, truth: Truth, items: list[Item], y: float) -> None:
    freight = Decimal("18.50")
    lines = sum((each.amount for each in items), Decimal(0))
    split = taxes(items, [(Decimal(20), freight)])
    tax = sum((each.amount for each in split), Decimal(0))
    net, total = lines + freight, lines + freight + tax
    faces = ("Serif-Regular", "Serif-Regular")
    truth.choice("currency", "EUR", "€")
    columns = [Column("Taux", 22), Column("Base HT", 62, "right"), Column("TVA", 88, "right")]
    small = Style("Serif-Regular", "Serif-Semibold", 8.8, leading=3.8, gap=1.8, head_size=7.5)
    left = sheet.head(columns, 20, 90, y, small)
    cells = [
        (
            truth.percent(f"vat_by_rate[{i}].rate", each.rate, "\u00a0%"),
            truth.amount(f"vat_by_rate[{i}].base", each.base),
            truth.amount(f"vat_by_rate[{i}].amount", each.amount),
        )
        for i, each in enumerate(split)
    ]
    sheet.rows(columns, cells, 20, 90, left, small)
    pairs = [
        ("Total marchandises HT", truth.locale.money(lines)),
        ("Frais de port HT", truth.money("shipping", freight)),
        ("Total HT", truth.money("net", net)),
        ("Total TVA", truth.money("tax_total", tax)),
    ]
    y = sheet.pairs(118, 190, y, pairs, faces, 9.5, 5.6, ink=INK)
    sheet.box(116, y - 2, 74, 10, ROSE)
    sheet.text(119, y + 4.5, "Net à payer TTC", "Serif-Semibold", 10.5, white)
    sheet.text(188, y + 4.5, truth.money("total", total), "Serif-Bold", 12, white, "right")
    iban = truth.identifier("iban", "FR76 9999 9001 2301 2345 6789 025", compact=True)
    y += 24
    terms = [
        "Règlement par virement à 30 jours. Pas d’escompte pour paiement anticipé.",
        f"IBAN {iban}   BIC LUNEFR99   Merci d’indiquer le numéro de facture.",
        "En cas de retard : pénalités au taux légal et indemnité de 40 € pour frais de recouvrement.",
    ]
    sheet.block(20, y, terms, "Serif-Regular", 9, leading=5)
    siret = truth.identifier("supplier_tax_number", "999 888 779 00017")
    vat = truth.identifier("supplier_vat_id", "FR34999888779", compact=True)
    foot = f"SARL au capital de 8 000 € · SIRET {siret} · TVA intracommunautaire {vat} · RCS Paris-sur-Rêve"
    sheet.rule(20, 190, 276, ROSE, 0.3)
    sheet.text(105, 281, foot, "Serif-Regular", 7.5, MUTED, "center")


def olivar() -> tuple[bytes, Truth]:
    """Three rates, a date written out, an identifier (CIF) without the country's prefix."""
    truth = Truth(SPANISH)
    items = [
        item("Aceite de oliva virgen extra, lata 5 l", "40", "46.90", "4", "AOV-5L", "ud."),
        item("Aceitunas aliñadas, bote 1 kg", "60", "5.85", "10", "ACE-1K", "ud."),
        item("Jabón de oliva artesano, 100 g", "120", "2.15", "21", "JAB-100", "ud."),
        item("Cata guiada para personal de sala", "2", "135.00", "21", "SRV-CATA", "h"),
    ]
    sheet = Sheet(title="Factura A-2025/0218", author="Aceites del Olivar Imaginario S.L.")
    _olivar_head(sheet, truth)
    columns = [
        Column("CÓDIGO", 22),
        Column("CONCEPTO", 46),
        Column("CANT.", 118, "right"),
        Column("UD.", 121),
        Column("PRECIO", 146, "right"),
        Column("IVA", 160, "right"),
        Column("IMPORTE", 188, "right"),
    ]
    style = Style(size=9.2, head_fill=OLIVE, head_ink=white, rule=HexColor("#dcdcc4"))
    y = sheet.head(columns, 20, 190, 106, style)
    rows = [truth.row(i, each, percent=" %") for i, each in enumerate(items)]
    cells = [(r.number, r.description, r.quantity, r.unit, r.price, r.rate, r.amount) for r in rows]
    y = sheet.rows(columns, cells, 20, 190, y + 1, style)
    _olivar_sums(sheet, truth, items, y + 6)
    return sheet.pdf(), truth


def _olivar_head(sheet: Sheet, truth: Truth) -> None:
    sheet.box(0, 0, 210, 40, CREAM)
    for x, y, r in ((28, 20, 5.2), (37, 24, 4.4)):
        sheet.disc(x, y, r, OLIVE)
        sheet.disc(x + 1.2, y - 1.2, r / 3.6, CREAM)
    sheet.shape([(30, 13), (41, 8.5), (38, 14.5)], HexColor("#8a9a45"))
    sheet.text(48, 21, "Olivar Imaginario", "Manrope-ExtraBold", 17, OLIVE)
    sheet.text(48, 27, "aceites y conservas de la sierra", "Manrope-Regular", 8.5, MUTED)
    name = truth.words("supplier_name", "Aceites del Olivar Imaginario S.L.")[0]
    lines = truth.words("supplier_address", "Camino de la Nube, s/n", "23999 Villafábula (Jaén)")
    cif = truth.identifier("supplier_vat_id", "B99998882", compact=True)
    sheet.block(190, 15, [name, *lines, f"CIF {cif}"], size=8.5, leading=4.4, align="right")
    truth.choice("document_kind", "invoice", "Factura")
    sheet.text(20, 57, "Factura", "Manrope-Bold", 22, OLIVE)
    pairs = [
        ("Número", truth.identifier("number", "A-2025/0218")),
        ("Fecha", truth.date("issue_date", date(2025, 6, 3), "3 de junio de 2025")),
        ("Vencimiento", truth.date("due_date", date(2025, 7, 3), "3 de julio de 2025")),
        ("Pedido n.º", truth.identifier("order_number", "P-90315")),
    ]
    sheet.pairs(20, 48, 66, pairs, align="left", leading=5.4)
    buyer = truth.words("buyer_name", "Restaurante La Cuchara Torcida, S.L.")[0]
    lines = truth.words("buyer_address", "Plaza del Duende, 5", "41999 Sevilla la Imaginada")
    cif = truth.identifier("buyer_vat_id", "B99987778", compact=True)
    sheet.frame(108, 50, 82, 36, OLIVE, 0.3)
    sheet.text(113, 57, "CLIENTE", "Sans-Bold", 7.5, OLIVE, track=0.8)
    sheet.block(113, 63.5, [buyer, *lines, f"CIF {cif}"], size=9.5, leading=5.2)


def _olivar_sums(sheet: Sheet, truth: Truth, items: list[Item], y: float) -> None:
    split = taxes(items)
    net = sum((each.base for each in split), Decimal(0))
    tax = sum((each.amount for each in split), Decimal(0))
    truth.choice("currency", "EUR", "€")
    columns = [
        Column("BASE IMPONIBLE", 52, "right"),
        Column("% IVA", 72, "right"),
        Column("CUOTA IVA", 98, "right"),
    ]
    style = Style(size=9, leading=3.9, gap=1.9, head_ink=OLIVE)
    bottom = sheet.head(columns, 20, 100, y, style)
    cells = []
    for i, each in enumerate(split):
        at = f"vat_by_rate[{i}]"
        rate = truth.percent(f"{at}.rate", each.rate)
        cells.append((truth.amount(f"{at}.base", each.base), rate, truth.amount(f"{at}.amount", each.amount)))
    sheet.rows(columns, cells, 20, 100, bottom, style)
    pairs = [("Base imponible", truth.money("net", net)), ("Total IVA", truth.money("tax_total", tax))]
    y = sheet.pairs(122, 188, y + 1, pairs, size=10, leading=6)
    sheet.box(120, y - 2, 70, 10.5, OLIVE)
    sheet.text(123, y + 4.8, "TOTAL FACTURA", "Manrope-Bold", 9.5, white)
    sheet.text(188, y + 4.8, truth.money("total", net + tax), "Sans-Bold", 12, white, "right")
    iban = truth.identifier("iban", "ES04 9999 0123 1101 2345 6789", compact=True)
    sheet.block(
        20,
        y + 30,
        [
            "Forma de pago: transferencia bancaria a 30 días.",
            f"IBAN: {iban}",
            "Indique el número de factura en el concepto.",
        ],
        size=9.5,
        leading=5.2,
    )
    sheet.rule(20, 190, 274, OLIVE, 0.3)
    foot = "Inscrita en el Registro Mercantil de Jaén, tomo 999, folio 9, hoja J-99999 · Tel. 999 012 345"
    sheet.text(105, 279, foot, size=7.5, ink=MUTED, align="center")
