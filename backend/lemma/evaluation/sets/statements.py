"""Questions on confidentiality agreements, in our own words, for sets that number the usual statements."""

STATEMENTS = {
    "nda-1": "Must all confidential information be expressly marked or identified by the disclosing party?",
    "nda-2": "Is confidential information limited to technical information?",
    "nda-3": "Can information that was told by word of mouth be confidential information?",
    "nda-4": "May the receiving party use the information only for the purpose stated in the agreement?",
    "nda-5": "May the receiving party share some of the information with some of its employees?",
    "nda-7": "May the receiving party share some of it with third parties, such as advisers or consultants?",
    "nda-8": "Must the receiving party give notice if law or a court compels it to disclose the information?",
    "nda-10": "Must the receiving party keep secret that the agreement was made or negotiated?",
    "nda-11": "Is the receiving party forbidden to reverse engineer what embodies the information?",
    "nda-12": "May the receiving party independently develop information that is similar?",
    "nda-13": "May the receiving party acquire similar information from a third party?",
    "nda-15": "Does the agreement say that it grants the receiving party no right to the information?",
    "nda-16": "Must the receiving party return or destroy information when the agreement ends?",
    "nda-17": "May the receiving party make copies of some of the information in some circumstances?",
    "nda-18": "Is the receiving party forbidden to solicit or hire people of the disclosing party?",
    "nda-19": "Do some obligations survive the end of the agreement?",
    "nda-20": "May the receiving party keep some of the information after its return or destruction?",
}
