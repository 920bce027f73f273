"""What the sandbox's world is made of: systems, entities, and parts of invented names."""

from __future__ import annotations

import msgspec


class Platform(msgspec.Struct, frozen=True):
    """A system that a customer can connect."""

    key: str
    name: str
    category: str

    @property
    def family(self) -> str:
        """The first path segment of its entity pages: eam, erp or wms (contract section 3)."""
        return {"CMMS": "eam", "EAM": "eam", "ERP": "erp", "WMS": "wms"}[self.category]


PLATFORMS = (
    Platform("sap_s4hana", "SAP S/4HANA", "ERP"),
    Platform("ibm_maximo", "IBM Maximo", "EAM"),
    Platform("odoo", "Odoo", "ERP"),
    Platform("infor_eam", "Infor EAM", "EAM"),
    Platform("netsuite", "NetSuite", "ERP"),
    Platform("upkeep", "UpKeep", "CMMS"),
    Platform("maintainx", "MaintainX", "CMMS"),
    Platform("jd_edwards", "JD Edwards", "ERP"),
    Platform("oracle_fusion", "Oracle Fusion", "ERP"),
    Platform("dynamics_365", "Microsoft Dynamics 365", "ERP"),
    Platform("fiix", "Fiix", "CMMS"),
    Platform("blue_yonder_wms", "Blue Yonder WMS", "WMS"),
    Platform("hxgn_eam", "HxGN EAM", "EAM"),
    Platform("manhattan_wms", "Manhattan WMS", "WMS"),
)
PLATFORM_BY_KEY = {platform.key: platform for platform in PLATFORMS}

ENTITIES = {
    "eam": ("sites", "assets", "work_orders", "parts", "meters"),
    "erp": ("sites", "vendors", "items", "purchase_orders", "invoices"),
    "wms": ("sites", "items", "inventory", "orders", "shipments"),
}

COMPANY_NAMES = (
    "Aldermoor", "Ambervale", "Arvenholt", "Ashgrove", "Belcastor", "Birkhaven", "Brackwater",
    "Bramfield",
    "Caldera Nova", "Carrowmore", "Castlemoor", "Corvenna", "Dalsmark", "Drumlin", "Eastmarch", "Eldersund",
    "Fennmark", "Fjordane", "Glenharrow", "Greywether", "Halvorsund", "Harrowgate", "Hollinbrook",
    "Ingelsund",
    "Isenbach", "Jarlsby", "Kaldvik", "Kestrelmoor", "Kirnmuir", "Lindmark", "Lochaber Vale", "Lunebrook",
    "Marenholm", "Meridale", "Minteron", "Morvenna", "Nordhagen", "Northwick", "Oakenshaw", "Ostervik",
    "Pellworth", "Polderzee", "Quarrendon", "Ravensund", "Redmarsh", "Rosenthorpe", "Saltmere", "Selvamar",
    "Silverbeck", "Skarnes", "Solbakken", "Stonehythe", "Tarnwick", "Thornquist", "Torvanger", "Umberfell",
    "Valdoria", "Varnholt", "Vesterby", "Waldenau", "Westermoor", "Wintersholm", "Yarrowdale", "Zillerbach",
)  # fmt: skip

INDUSTRIES = (
    "Paper", "Foods", "Cement", "Pumps", "Valves", "Steel", "Glass", "Logistics", "Mining", "Dairy",
    "Chemicals", "Cranes", "Rail", "Pharma", "Fisheries", "Breweries", "Textiles", "Timber", "Plastics",
    "Turbines", "Bearings", "Ceramics", "Packaging", "Water", "Shipyards", "Castings", "Sugar", "Batteries",
)  # fmt: skip

SITES = ("", "North", "South", "East", "West", "Harbour")

REGIONS = ("EMEA", "Nordics", "DACH", "Americas", "APAC")
TIERS = ("gold", "silver", "bronze")

ENTITY_ERRORS = {
    "work_orders": "3 work orders name an asset that does not exist.",
    "assets": "2 assets have no site.",
    "parts": "A part number is longer than 40 characters.",
    "meters": "A meter reading is not a number.",
    "sites": "A site has no time zone.",
    "vendors": "A vendor's country is empty.",
    "items": "4 items share one number.",
    "purchase_orders": "A purchase order has no currency.",
    "invoices": "An invoice total does not match its lines.",
    "inventory": "A stock level is negative.",
    "orders": "An order has no lines.",
    "shipments": "A shipment has no carrier.",
}
