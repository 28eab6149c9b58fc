"""Documents that were seen before, by number and supplier."""

from lemma.tasks.known import Known, seen_before

FIRST = Known(
    "march.pdf",
    {
        "number": "RE-0317",
        "supplier_name": "Nordlicht GmbH",
        "supplier_vat_id": "DE111222339",
        "total": "10.00",
    },
)


def test_the_same_number_of_the_same_supplier_is_named() -> None:
    found = seen_before({**FIRST.values, "number": "RE 0317"}, [FIRST])
    assert found.passed is False
    assert (
        found.detail == "Number RE 0317 of this supplier was seen before, in march.pdf, for the same total."
    )


def test_another_total_is_said() -> None:
    found = seen_before({**FIRST.values, "total": "12.00"}, [FIRST])
    assert found.passed is False
    assert "there with a total of 10.00, here of 12.00" in found.detail


def test_two_suppliers_may_use_one_number() -> None:
    other = {**FIRST.values, "supplier_vat_id": "DE222333444"}
    assert seen_before(other, [FIRST]).passed is True


def test_names_are_compared_without_their_legal_form_where_nothing_better_is_known() -> None:
    bare = {"number": "RE-0317", "supplier_name": "NORDLICHT", "total": "10.00"}
    assert seen_before(bare, [FIRST]).passed is False
    assert seen_before({**bare, "supplier_name": "Südlicht GmbH"}, [FIRST]).passed is True


def test_without_a_number_or_a_supplier_nothing_is_said() -> None:
    assert seen_before({"supplier_name": "Nordlicht"}, [FIRST]).passed is None
    assert seen_before({"number": "RE-0317"}, [FIRST]).passed is None
