use serde_json::{Value, json};

use super::{Answer, TestApp};

/// A fund of a service under test.
pub struct Fund<'a> {
    pub app: &'a TestApp,
    pub id: i64,
}

/// A company of a fund, with one investment.
pub struct Company<'a> {
    pub fund: &'a Fund<'a>,
    pub id: i64,
    pub investment: i64,
}

impl<'a> Fund<'a> {
    pub async fn create(app: &'a TestApp, name: &str) -> Self {
        let body = json!({ "name": name, "currency": "USD", "vintageYear": 2021, "committedCents": "10000000000" });
        Self { app, id: app.post("/api/funds", &body).await.expect(201).id() }
    }

    pub fn path(&self, rest: &str) -> String {
        format!("/api/funds/{}{rest}", self.id)
    }

    pub async fn company(&'a self, name: &str) -> Company<'a> {
        let body = json!({ "name": name, "sector": "Fintech", "stage": "Series A" });
        let id = self.app.post(&self.path("/companies"), &body).await.expect(201).id();
        let investment = json!({ "companyId": id, "round": "Seed", "investmentDate": "2022-01-31",
            "amountCents": "150000000", "ownership": "0.15", "postMoneyValuationCents": "2000000000" });
        let investment = self.app.post(&self.path("/investments"), &investment).await.expect(201).id();
        Company { fund: self, id, investment }
    }

    pub async fn snapshot(&self, name: &str) -> String {
        let body = json!({ "name": name, "asOf": "2022-12-31" });
        self.app.post(&self.path("/portfolio/snapshots"), &body).await.expect(202).text("snapshotId")
    }

    /// How many records a list of this fund has.
    pub async fn count(&self, list: &str, key: &str) -> usize {
        self.app.get(&self.path(list)).await.expect(200).body[key].as_array().unwrap().len()
    }
}

impl Company<'_> {
    pub fn path(&self, rest: &str) -> String {
        self.fund.path(&format!("/companies/{}{rest}", self.id))
    }

    /// The body of a seed lot.
    pub fn lot_body(&self) -> Value {
        json!({ "investmentId": self.investment, "lotType": "initial", "shareClass": "PS", "purchaseDate": "2022-01-31",
            "sharesAcquired": "518138.294565", "sharePriceCents": "289.49800000", "costBasisCents": "150000000" })
    }

    pub async fn post_lot(&self, body: &Value) -> Answer {
        self.fund.app.post(&self.fund.path("/portfolio/lots"), body).await
    }

    pub async fn lot(&self) -> String {
        self.post_lot(&self.lot_body()).await.expect(201).text("id")
    }

    pub async fn post_event(&self, body: &Value) -> Answer {
        self.fund.app.post(&self.path("/events"), body).await
    }

    pub async fn mark(&self, price: &str) -> Answer {
        self.post_event(&json!({ "type": "mark", "date": "2022-03-31", "shareClass": "PS", "sharePriceCents": price }))
            .await
            .expect(201)
    }

    /// One certain exit case at this price.
    pub async fn exit_at(&self, price: &str) -> Answer {
        let version = self.fund.app.get(&self.path("/exit-cases")).await.expect(200).body["version"].clone();
        let cases = json!([{ "id": "base", "probability": "1", "exitPricesCents": { "PS": price } }]);
        let body = json!({ "exitCases": cases, "version": version });
        self.fund.app.put(&self.path("/exit-cases"), &body).await.expect(200)
    }
}
