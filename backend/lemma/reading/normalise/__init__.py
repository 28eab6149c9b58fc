"""Words to typed values: dates, amounts, numbers, identifiers. Pure text in, value or reason out."""
