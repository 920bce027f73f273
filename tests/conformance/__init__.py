"""What goes over the wire, held against the vendor's published file and the contract where that is silent."""
