//! The columns that a sheet may have: their names, other names that funds give them, and what stands in them.

/// What a sheet is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Role {
    /// Name and value of the fund's choices.
    Settings,
    /// A company a row.
    Companies,
    /// A lot a row.
    Lots,
    /// An event a row.
    Events,
    /// A price, a lot's proceeds or a planned reserve of an exit case a row.
    Cases,
}

impl Role {
    /// All of them, in the order they are read in.
    pub const ALL: [Self; 5] = [Self::Settings, Self::Companies, Self::Lots, Self::Events, Self::Cases];

    /// As it is written in a mapping.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Settings => "settings",
            Self::Companies => "companies",
            Self::Lots => "lots",
            Self::Events => "events",
            Self::Cases => "cases",
        }
    }

    /// The role of that name, if there is one.
    #[must_use]
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|role| role.as_str() == name)
    }

    /// Names of sheets with this role, normalised.
    pub(super) const fn sheet_names(self) -> &'static [&'static str] {
        match self {
            Self::Settings => &["settings", "fund"],
            Self::Companies => &["companies", "company", "portfolio"],
            Self::Lots => &["lots", "investments", "purchases", "holdings", "captable"],
            Self::Events => &["events", "transactions"],
            Self::Cases => &["cases", "exitcases", "exits", "scenarios"],
        }
    }

    /// The columns that such a sheet may have.
    #[must_use]
    pub const fn fields(self) -> &'static [Field] {
        match self {
            Self::Settings => SETTINGS,
            Self::Companies => COMPANIES,
            Self::Lots => LOTS,
            Self::Events => EVENTS,
            Self::Cases => CASES,
        }
    }

    /// Keys of which a sheet has at least one each when it has this role and no name that says so.
    pub(super) const fn marks(self) -> &'static [&'static [&'static str]] {
        match self {
            Self::Settings => &[&["setting"], &["value"]],
            Self::Companies => &[&["company"], &["sector", "stage"]],
            Self::Lots => &[&["company", "companyId"], &["purchaseDate"], &["cost", "costCents", "shares", "price"]],
            Self::Events => &[&["company", "companyId"], &["type"], &["date"]],
            Self::Cases => &[&["company", "companyId"], &["case"], &["probability"]],
        }
    }
}

/// What stands in the cells of a column.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// Any text.
    Text,
    /// One of the document's words, as in `follow_on`; spaces, hyphens and capitals do not count.
    Word,
    /// A date.
    Date,
    /// Money in units of the currency, at most two decimals.
    Money,
    /// Money in cents.
    MoneyCents,
    /// A price per share in units of the currency.
    Price,
    /// A price per share in cents.
    PriceCents,
    /// A count of shares, a rate, a probability, a part of a whole; percent signs are read.
    Number,
    /// A whole number.
    Whole,
}

/// A column.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Field {
    /// As it is written in a mapping.
    pub key: &'static str,
    /// The header of the template.
    pub label: &'static str,
    /// Other headers that mean it, normalised: small letters and digits only.
    pub aliases: &'static [&'static str],
    /// What stands in its cells.
    pub kind: Kind,
}

const fn field(key: &'static str, label: &'static str, kind: Kind, aliases: &'static [&'static str]) -> Field {
    Field { key, label, aliases, kind }
}

const COMPANY: Field = field(
    "company",
    "Company",
    Kind::Text,
    &["companyname", "portfoliocompany", "name", "issuer", "position", "firma", "unternehmen", "portfoliounternehmen"],
);
const COMPANY_ID: Field = field("companyId", "Company ID", Kind::Text, &["id"]);
const SECTOR: Field = field("sector", "Sector", Kind::Text, &["industry", "vertical", "branche", "sektor"]);
const STAGE: Field = field("stage", "Stage", Kind::Text, &["phase"]);
const SHARE_CLASS: Field = field(
    "shareClass",
    "Share class",
    Kind::Text,
    &[
        "class",
        "security",
        "securityclass",
        "series",
        "shareseries",
        "sharetype",
        "fromclass",
        "anteilsklasse",
        "aktiengattung",
    ],
);

const SETTINGS: &[Field] =
    &[field("setting", "Setting", Kind::Text, &["key", "parameter"]), field("value", "Value", Kind::Text, &[])];

const COMPANIES: &[Field] = &[COMPANY_ID, COMPANY, SECTOR, STAGE];

const LOTS: &[Field] = &[
    COMPANY,
    field("companyId", "Company ID", Kind::Text, &[]),
    SECTOR,
    STAGE,
    field("lot", "Lot ID", Kind::Text, &["lot", "lotname", "certificate", "certificateno", "id"]),
    field("type", "Lot type", Kind::Word, &["type", "purchasetype", "initialorfollowon", "kaufart"]),
    field("instrument", "Instrument", Kind::Word, &["instrumenttype", "securitytype"]),
    SHARE_CLASS,
    field("round", "Round", Kind::Text, &["financinground", "roundname", "financing", "runde", "finanzierungsrunde"]),
    field(
        "purchaseDate",
        "Purchase date",
        Kind::Date,
        &[
            "date",
            "investmentdate",
            "acquisitiondate",
            "closingdate",
            "closedate",
            "dateofinvestment",
            "purchased",
            "kaufdatum",
            "erwerbsdatum",
            "anschaffungsdatum",
            "datum",
        ],
    ),
    field(
        "shares",
        "Shares",
        Kind::Number,
        &[
            "sharesacquired",
            "numberofshares",
            "noofshares",
            "ofshares",
            "ofsharesacquired",
            "sharespurchased",
            "quantity",
            "sharecount",
            "units",
            "anteile",
            "aktien",
            "anzahl",
            "stück",
            "stückzahl",
        ],
    ),
    field(
        "price",
        "Price per share",
        Kind::Price,
        &[
            "shareprice",
            "pps",
            "issueprice",
            "purchaseprice",
            "pricepershare",
            "originalissueprice",
            "entryprice",
            "preis",
            "anteilspreis",
            "preisjeanteil",
            "preisproanteil",
        ],
    ),
    field("priceCents", "Price per share (cents)", Kind::PriceCents, &["sharepricecents"]),
    field(
        "cost",
        "Cost",
        Kind::Money,
        &[
            "costbasis",
            "amount",
            "invested",
            "amountinvested",
            "investedamount",
            "investedcapital",
            "investment",
            "investmentamount",
            "totalcost",
            "cheque",
            "check",
            "checksize",
            "chequesize",
            "betrag",
            "einstand",
            "anschaffungskosten",
            "investiert",
            "investitionsbetrag",
        ],
    ),
    field("costCents", "Cost (cents)", Kind::MoneyCents, &["costbasiscents", "amountcents"]),
    field("strike", "Strike", Kind::Price, &["strikeprice", "exerciseprice"]),
    field("strikeCents", "Strike (cents)", Kind::PriceCents, &["strikepricecents"]),
    field(
        "ownership",
        "Ownership",
        Kind::Number,
        &["ownershippercent", "ownershipstake", "stake", "fdownership", "beteiligungsquote"],
    ),
    field("postMoney", "Post-money valuation", Kind::Money, &["postmoney", "postmoneyvaluation", "valuation"]),
    field(
        "mark",
        "Mark per share",
        Kind::Price,
        &[
            "currentprice",
            "currentpricepershare",
            "currentshareprice",
            "latestprice",
            "markprice",
            "fmvpershare",
            "currentpps",
            "aktuellerpreis",
            "aktuellerkurs",
        ],
    ),
    field(
        "fairValue",
        "Fair value",
        Kind::Money,
        &[
            "currentvalue",
            "fmv",
            "fairmarketvalue",
            "unrealizedvalue",
            "unrealisedvalue",
            "nav",
            "marketvalue",
            "holdingvalue",
            "zeitwert",
            "marktwert",
            "aktuellerwert",
        ],
    ),
    field("postMoneyCents", "Post-money valuation (cents)", Kind::MoneyCents, &["postmoneycents"]),
    field("markCents", "Mark per share (cents)", Kind::PriceCents, &[]),
    field("fairValueCents", "Fair value (cents)", Kind::MoneyCents, &["currentvaluecents"]),
    field(
        "markDate",
        "Mark date",
        Kind::Date,
        &["valuationdate", "markedon", "asof", "fmvdate", "bewertungsdatum", "stichtag"],
    ),
];

const EVENTS: &[Field] = &[
    COMPANY,
    field("companyId", "Company ID", Kind::Text, &[]),
    field("type", "Type", Kind::Word, &["event", "eventtype", "transaction", "transactiontype", "ereignis"]),
    field("date", "Date", Kind::Date, &["effectivedate", "eventdate", "datum"]),
    SHARE_CLASS,
    field("toClass", "To class", Kind::Text, &["newclass", "intoclass"]),
    field("lot", "Lot ID", Kind::Text, &["lot"]),
    field("newLot", "New lot ID", Kind::Text, &["newlot"]),
    field("lotType", "Lot type", Kind::Word, &[]),
    field("shares", "Shares", Kind::Number, &["quantity", "numberofshares", "sharessold", "anteile", "anzahl"]),
    field("price", "Price per share", Kind::Price, &["shareprice", "mark", "markprice", "preis"]),
    field("priceCents", "Price per share (cents)", Kind::PriceCents, &["sharepricecents"]),
    field("fxRate", "FX rate", Kind::Number, &["fx", "exchangerate"]),
    field("amount", "Amount", Kind::Money, &["proceeds", "netproceeds", "cash", "value", "carryingvalue", "betrag"]),
    field(
        "amountCents",
        "Amount (cents)",
        Kind::MoneyCents,
        &["proceedscents", "valuecents", "cashcents", "carryingcents"],
    ),
    field("numerator", "Numerator", Kind::Whole, &[]),
    field("denominator", "Denominator", Kind::Whole, &[]),
    field("lots", "Lots", Kind::Text, &["allocation", "lotsallocation"]),
    field("relief", "Relief", Kind::Word, &["reliefmethod", "lotrelief"]),
    field("receivable", "Receivable ID", Kind::Text, &["receivable"]),
];

const CASES: &[Field] = &[
    COMPANY,
    field("companyId", "Company ID", Kind::Text, &[]),
    field("case", "Case", Kind::Text, &["exitcase", "scenario", "caseid", "szenario"]),
    field("probability", "Probability", Kind::Number, &["likelihood", "weight", "p", "wahrscheinlichkeit"]),
    SHARE_CLASS,
    field("exitPrice", "Exit price per share", Kind::Price, &["exitprice", "exitpps"]),
    field("exitPriceCents", "Exit price per share (cents)", Kind::PriceCents, &["exitpricecents"]),
    field("lot", "Lot ID", Kind::Text, &["lot"]),
    field("lotProceeds", "Lot proceeds", Kind::Money, &["exitproceeds", "proceeds"]),
    field("lotProceedsCents", "Lot proceeds (cents)", Kind::MoneyCents, &[]),
    field("reserve", "Reserve ID", Kind::Text, &["reserve", "plannedreserve"]),
    field("reserveAmount", "Reserve amount", Kind::Money, &["plannedamount", "reserves"]),
    field("reserveAmountCents", "Reserve amount (cents)", Kind::MoneyCents, &[]),
    field("reservePrice", "Reserve price per share", Kind::Price, &["reserveprice"]),
    field("reservePriceCents", "Reserve price per share (cents)", Kind::PriceCents, &[]),
    field("reserveProceeds", "Reserve exit proceeds", Kind::Money, &["reserveproceeds"]),
    field("reserveProceedsCents", "Reserve exit proceeds (cents)", Kind::MoneyCents, &[]),
    field("deployProbability", "Deploy probability", Kind::Number, &["deployment"]),
];

/// A header or sheet name without what people vary: small letters and digits.
pub(super) fn normalised(name: &str) -> String {
    name.chars().filter(|letter| letter.is_alphanumeric()).flat_map(char::to_lowercase).collect()
}

impl Role {
    /// The column that a header names.
    pub(super) fn field_of(self, header: &str) -> Option<&'static Field> {
        let name = normalised(header);
        let means = |field: &&Field| normalised(field.label) == name || normalised(field.key) == name;
        let fields = self.fields();
        fields.iter().find(means).or_else(|| fields.iter().find(|field| field.aliases.contains(&name.as_str())))
    }

    /// The column of a key.
    pub(super) fn field(self, key: &str) -> Option<&'static Field> {
        self.fields().iter().find(|field| field.key == key)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    #[test]
    fn no_header_means_two_columns_of_a_sheet() {
        for role in Role::ALL {
            let mut names = BTreeSet::new();
            for field in role.fields() {
                let own: BTreeSet<String> = [field.label, field.key]
                    .iter()
                    .map(|name| normalised(name))
                    .chain(field.aliases.iter().map(|name| (*name).to_owned()))
                    .collect();
                for name in own {
                    assert_eq!(name, normalised(&name), "aliases are normalised");
                    assert!(names.insert(name.clone()), "{role:?}: {name}");
                }
            }
        }
    }

    #[test]
    fn headers_of_people_are_understood() {
        for (header, key) in [
            ("Amount Invested ($)", "cost"),
            ("# Shares", "shares"),
            ("Portfolio Company", "company"),
            ("Investment Date", "purchaseDate"),
            ("PPS", "price"),
            ("Ownership %", "ownership"),
        ] {
            assert_eq!(Role::Lots.field_of(header).map(|field| field.key), Some(key), "{header}");
        }
        assert_eq!(Role::Lots.field_of("Board seat"), None);
    }
}
