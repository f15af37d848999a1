use crate::facts::Facts;
use crate::settings::Settings;
use crate::snapshot::Snapshot;

fn schedules(tree: &str) -> Vec<String> {
    let snapshot = Snapshot::from_text(tree);
    let settings = Settings::default();
    let facts = Facts::new(&snapshot, &settings, jiff::civil::date(2026, 11, 1));
    let all = facts.schedules().all.iter();
    all.map(|each| {
        let reached = each.reach(facts.code());
        let names: Vec<&str> = reached
            .iter()
            .filter_map(|node| {
                node.as_function().map(|function| function.known_as()).or(node.as_class().map(|class| class.name))
            })
            .filter(|name| !name.is_empty())
            .collect();
        format!("{} {:?} {}{}", each.span, each.every, names.join(" "), if each.is_whole { " (whole)" } else { "" })
    })
    .collect()
}

#[test]
fn scripts() {
    let tree = "\
-- src/a.ts --
import cron from 'node-cron';
import { Queue, Worker } from 'bullmq';
const WHEN = process.env.CRON ?? '0 3 * * *';
async function full() {}
async function poll() {}
cron.schedule('*/15 * * * *', async () => { await poll(); });
cron.schedule(WHEN, full);
setInterval(() => poll(), 5 * 60_000);
async function tick() { await poll(); setTimeout(tick, 60_000); }
async function run() { for (;;) { await poll(); await new Promise((r) => setTimeout(r, 30_000)); } }
async function pages() { while (true) { const page = await poll(); if (!page.next) break; await sleep(100); } }
export class Jobs { @Cron(CronExpression.EVERY_DAY_AT_3AM) async nightly() { await full(); } @Interval(60000) often() {} }
queue.upsertJobScheduler('sync', { every: 900000 }, {});
new Worker('sync', async (job) => { await full(); });
";
    assert_eq!(
        schedules(tree),
        [
            "src/a.ts:6 Some(900.0) poll",
            "src/a.ts:7 Some(86400.0) full",
            "src/a.ts:8 Some(300.0) poll",
            "src/a.ts:9 Some(60.0) tick poll",
            "src/a.ts:10 Some(30.0) poll",
            "src/a.ts:12 Some(86400.0) nightly full",
            "src/a.ts:12 Some(60.0) often",
            "src/a.ts:13 Some(900.0) full",
        ]
    );
}

#[test]
fn python() {
    let tree = "\
-- app/jobs.py --
import schedule
def full(): pass
def poll(): pass
schedule.every(15).minutes.do(poll)
schedule.every().day.at('03:00').do(full)
scheduler.add_job(poll, 'interval', minutes=10)
scheduler.add_job(full, CronTrigger(hour=3))
app.conf.beat_schedule = {
    'full': {'task': 'app.jobs.full', 'schedule': crontab(hour=3, minute=0)},
    'poll': {'task': 'app.jobs.poll', 'schedule': 300.0},
}
while True:
    poll()
    time.sleep(60)
def fetch():
    for attempt in range(3):
        time.sleep(2 ** attempt)
";
    assert_eq!(
        schedules(tree),
        [
            "app/jobs.py:4 Some(900.0) poll",
            "app/jobs.py:5 Some(86400.0) full",
            "app/jobs.py:6 Some(600.0) poll",
            "app/jobs.py:7 Some(86400.0) full",
            "app/jobs.py:9 Some(86400.0) full",
            "app/jobs.py:10 Some(300.0) poll",
            "app/jobs.py:14 Some(60.0) poll",
        ]
    );
}

#[test]
fn compiled_languages() {
    let tree = "\
-- main.go --
package main
import (\"time\"; \"github.com/robfig/cron/v3\")
func poll() {}
func full() {}
func run(ctx context.Context) {
	ticker := time.NewTicker(5 * time.Minute)
	for {
		select {
		case <-ctx.Done():
			return
		case <-ticker.C:
			poll()
		}
	}
}
func main() {
	c := cron.New()
	c.AddFunc(\"@every 15m\", poll)
	s.Every(1).Day().Do(full)
	for { poll(); time.Sleep(time.Hour) }
}
-- src/main/java/Jobs.java --
class Jobs {
  @Scheduled(fixedDelayString = \"${mx.delay:900000}\")
  public void often() {}
  @Scheduled(cron = \"0 0 3 * * *\")
  public void nightly() {}
  void go() { exec.scheduleWithFixedDelay(this::often, 0, 15, TimeUnit.MINUTES); }
}
-- Worker.cs --
public class Worker : BackgroundService {
  async Task Sync(CancellationToken ct) {}
  protected override async Task ExecuteAsync(CancellationToken ct) {
    using var timer = new PeriodicTimer(TimeSpan.FromMinutes(5));
    while (await timer.WaitForNextTickAsync(ct)) { await Sync(ct); }
  }
  protected async Task Other(CancellationToken ct) {
    while (!ct.IsCancellationRequested) { await Sync(ct); await Task.Delay(TimeSpan.FromMinutes(10), ct); }
  }
  [Function(\"x\")]
  public async Task Run([TimerTrigger(\"0 */5 * * * *\")] TimerInfo t) {}
  void R() { RecurringJob.AddOrUpdate<PartsJob>(\"parts\", j => j.RunAsync(), Cron.Hourly()); }
}
class PartsJob { public async Task RunAsync() {} }
";
    assert_eq!(
        schedules(tree),
        [
            "Worker.cs:5 Some(300.0) Sync",
            "Worker.cs:8 Some(600.0) Sync",
            "Worker.cs:11 Some(300.0) Run",
            "Worker.cs:12 Some(3600.0) PartsJob RunAsync",
            "main.go:6 Some(300.0) poll",
            "main.go:18 Some(900.0) poll",
            "main.go:19 Some(86400.0) full",
            "main.go:20 Some(3600.0) poll",
            "src/main/java/Jobs.java:2 Some(900.0) often",
            "src/main/java/Jobs.java:4 Some(86400.0) nightly",
            "src/main/java/Jobs.java:6 Some(900.0) often",
        ]
    );
}

#[test]
fn manifests() {
    let tree = "\
-- app/sidekiq/parts_sync_job.rb --
class PartsSyncJob
  def perform
  end
end
-- config/schedule.yml --
parts:
  cron: \"*/15 * * * *\"
  class: \"PartsSyncJob\"
-- config/schedule.rb --
every 1.day, at: '4:30 am' do
  runner 'PartsSyncJob.perform_async'
end
-- jobs/mirror_all.py --
def mirror(): pass
mirror()
-- k8s/cronjob.yaml --
apiVersion: batch/v1
kind: CronJob
spec:
  schedule: \"0 */2 * * *\"
  jobTemplate:
    spec:
      template:
        spec:
          containers:
            - name: x
              command: [python, jobs/mirror_all.py]
-- deploy.sh --
gcloud scheduler jobs create http hourly \\
  --schedule \"0 * * * *\" \\
  --uri https://x.run.app/tasks/parts
-- .github/workflows/ci.yml --
on:
  schedule:
    - cron: '0 0 * * 1'
jobs: {a: {steps: [{run: make lint}]}}
-- deploy/mirror.timer --
[Timer]
OnCalendar=*:0/15
";
    assert_eq!(
        schedules(tree),
        [
            "config/schedule.rb:1 Some(86400.0) PartsSyncJob",
            "config/schedule.yml:2 Some(900.0) PartsSyncJob",
            "deploy.sh:2 Some(3600.0) mirror (whole)",
            "deploy/mirror.timer:2 Some(900.0) mirror (whole)",
            "k8s/cronjob.yaml:4 Some(7200.0) mirror",
        ]
    );
}
