//! Many users in one statement: their hashes as one text, which both databases take apart alike.

/// What is known of a user: a hash of their key that says nothing outside of its scope.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct UserHash(pub u128);

impl UserHash {
    /// As it is stored: 32 digits.
    pub(crate) fn text(self) -> String {
        format!("{:032x}", self.0)
    }
}

/// Users of one statement: the databases walk along the text anew for each of them.
const USERS_PER_STATEMENT_MAX: usize = 32;

/// The beginning of a statement whose first parameter is such a text: the table `listed (user_hash, mark)`.
macro_rules! listed_users {
    () => {
        "WITH RECURSIVE place (at) AS (SELECT 1 UNION ALL SELECT at + 33 FROM place \
            WHERE at + 33 < length(CAST($1 AS TEXT))), \
        listed (user_hash, mark) AS (SELECT substr(CAST($1 AS TEXT), at, 32), \
            CAST(substr(CAST($1 AS TEXT), at + 32, 1) AS BIGINT) FROM place) "
    };
}
pub(crate) use listed_users;

/// The texts for these users, each with a mark that is yes or no: 32 digits and a 1 or a 0 for each.
pub(crate) fn texts(users: impl Iterator<Item = (UserHash, bool)>) -> Vec<String> {
    let users: Vec<String> = users.map(|(user, mark)| format!("{}{}", user.text(), u8::from(mark))).collect();
    users.chunks(USERS_PER_STATEMENT_MAX).map(<[String]>::concat).collect()
}
