use super::Kept;
use crate::facts::Facts;
use crate::settings::Settings;
use crate::snapshot::Snapshot;

#[test]
fn a_run_knows_what_it_reads_from_where_on_and_where_to() {
    let tree = "\
-- src/sync.ts --
import cron from 'node-cron';
import { pool } from './db';
let since = '';
async function run() {
  const answer = await fetch(`https://api.getmaintainx.com/v1/workorders?updatedAt[gte]=${since}`);
  for (const order of (await answer.json()).workOrders) {
    await pool.query('INSERT INTO orders VALUES ($1) ON CONFLICT DO NOTHING', [order.id]);
  }
  since = new Date().toISOString();
}
cron.schedule('*/5 * * * *', run);
-- src/db.ts --
import { Pool } from 'pg';
export const pool = new Pool();
";
    let snapshot = Snapshot::from_text(tree);
    let settings = Settings::default();
    let facts = Facts::new(&snapshot, &settings, jiff::civil::date(2026, 11, 1));
    let [run] = facts.sync().runs.as_slice() else { panic!("one run: {:?}", facts.sync().runs) };
    assert_eq!((run.span.line(), run.every), (11, Some(300.0)));
    assert_eq!(run.reads.iter().map(|read| read.title.as_str()).collect::<Vec<_>>(), ["GET /workorders"]);
    assert!(
        run.filters
            .iter()
            .flat_map(|filter| &filter.positions)
            .any(|position| matches!(&position.kept, Kept::Held(name) if name == "since"))
    );
    assert!(run.copied.writes.iter().all(|write| write.is_repeatable) && run.copied.blind().is_none());
    assert!(facts.sync().synced().is_some());
}
