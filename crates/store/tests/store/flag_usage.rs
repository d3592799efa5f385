//! How often flags are asked for, and who has turned them off.

use store::{
    flag_opt_outs,
    flag_usage::{self, VariantUsage},
};

use crate::{database::TestDatabase, story::*};

fn usage(flag_key: &str, variant: &str, first: i64, last: i64, evaluations: i64) -> VariantUsage {
    let (flag_key, variant) = (flag_key.to_owned(), variant.to_owned());
    VariantUsage { flag_key, variant, first_at: at(first), last_at: at(last), evaluations }
}

on_both! {
    async fn counts_of_several_processes_are_added_up_in_whatever_order(database: TestDatabase) {
        database.write(|tx| {
            let counted = [
                usage("banner", "on", 10, 20, 3),
                usage("banner", "on", 5, 12, 4),
                usage("banner", "off", 1, 2, 1),
                usage("other", "", 7, 30, 1),
                usage("banner", "on", 15, 25, 1),
            ];
            counted.iter().try_for_each(|counted| flag_usage::add(tx, counted))
        }).await;
        let of_banner = [usage("banner", "off", 1, 2, 1), usage("banner", "on", 5, 25, 8)];
        let all = database.read(flag_usage::all).await;
        assert_eq!((&all[..2], &all[2..]), (&of_banner[..], &[usage("other", "", 7, 30, 1)][..]));
    }

    async fn opting_out_counts_once_until_one_returns(database: TestDatabase) {
        let mut changed = Vec::new();
        for (who, opted_out, now) in
            [("person:1", true, 1), ("person:1", true, 2), ("person:2", false, 3), ("person:2", true, 4), ("person:1", false, 5)]
        {
            changed.push(database.write(move |tx| flag_opt_outs::note(tx, "banner", who, opted_out, at(now))).await);
        }
        assert_eq!(changed, [true, false, false, true, true]);
        assert_eq!(database.read(|tx| flag_opt_outs::current(tx, "banner")).await, ["person:2"]);
        assert_eq!(database.read(|tx| flag_opt_outs::count_since(tx, "banner", at(1))).await, 2);
        assert_eq!(database.read(|tx| flag_opt_outs::count_since(tx, "banner", at(2))).await, 1);

        assert!(database.write(|tx| flag_opt_outs::note(tx, "banner", "person:1", true, at(9))).await);
        assert_eq!(database.read(|tx| flag_opt_outs::current(tx, "banner")).await, ["person:1", "person:2"]);
        assert_eq!(database.read(|tx| flag_opt_outs::count_since(tx, "banner", at(5))).await, 1);
        assert_eq!(database.read(|tx| flag_opt_outs::count_since(tx, "other", at(0))).await, 0);
    }
}
