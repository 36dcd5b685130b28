//! Personal data, sent wherever something can be sent, and looked for wherever something
//! is kept or written.

mod api;
mod shops;

use std::{
    fs,
    io::{self, Write},
    path::{Path, PathBuf},
    sync::{Arc, Mutex},
};

use edge::telemetry;
use local::stack::Data;
use store::{
    item::{Item, Table, Value as Kept},
    tables::Tables,
};

use crate::shop::TestShop;

const EMAIL: &str = "Canary.Ada@personal.example";
const PHONE: &str = "+44 7700 900462";
const CARD: &str = "4929 1234 5678 9012";
const NAME: &str = "Adalbert Canarypants";

/// What of them is nowhere, in small letters, however they are spelled.
const TRACES: [&str; 8] = [
    "canary.ada",
    "personal.example",
    "7700 900462",
    "7700900462",
    "4929 1234",
    "492912345678",
    "adalbert",
    "canarypants",
];

#[track_caller]
fn check_none(place: &str, bytes: &[u8]) {
    let text = String::from_utf8_lossy(bytes).to_lowercase();
    for trace in TRACES {
        let Some(at) = text.find(trace) else { continue };
        let around: String = text[..at].chars().rev().take(200).collect();
        let around: String = around.chars().rev().collect();
        panic!("{place} has {trace:?} after: {around}");
    }
}

/// Everything that is logged.
#[derive(Clone, Default)]
struct Log(Arc<Mutex<Vec<u8>>>);

impl Write for Log {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().expect("no panic while it is held").write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl Log {
    fn text(&self) -> Vec<u8> {
        self.0.lock().expect("no panic while it is held").clone()
    }
}

/// A folder that goes with the test.
struct Folder(PathBuf);

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

fn files(folder: &Path) -> Vec<(PathBuf, Vec<u8>)> {
    let entries = fs::read_dir(folder).expect("a folder").map(|entry| entry.expect("an entry"));
    let paths: Vec<PathBuf> = entries.map(|entry| entry.path()).collect();
    paths.into_iter().map(|path| (path.clone(), fs::read(path).expect("a file"))).collect()
}

/// Every item of a table.
async fn items(shop: &TestShop, table: Table) -> Vec<Item> {
    let (mut items, mut after) = (Vec::new(), None);
    loop {
        let page = shop.stack.app.tables().scan(table, after).await.expect("tables");
        items.extend(page.items);
        after = page.next;
        if after.is_none() {
            return items;
        }
    }
}

fn check_items(items: &[Item]) {
    for item in items {
        for (name, value) in &item.0 {
            let place = format!("{name} of {:?}", item.0.get("key").or(item.0.get("chain")));
            match value {
                Kept::S(text) => check_none(&place, text.as_bytes()),
                Kept::B(bytes) => check_none(&place, bytes),
                Kept::N(_) => {}
            }
        }
    }
}

/// The bodies of all messages on a queue, which stay there.
async fn messages(shop: &TestShop, url: &str) -> Vec<String> {
    let request = shop.stack.clients.sqs.receive_message().queue_url(url);
    let request = request.max_number_of_messages(10).visibility_timeout(0);
    let received = Box::pin(request.send()).await.expect("a queue");
    received.messages.unwrap_or_default().into_iter().filter_map(|message| message.body).collect()
}

/// A place where everything that is kept and logged can be looked at.
struct Watched {
    folder: Folder,
    log: Log,
    _logging: tracing::subscriber::DefaultGuard,
    _another: tracing::Dispatch,
}

impl Watched {
    /// For tests on one thread, so that what all tasks log comes here, and nothing of other
    /// tests does.
    fn new(name: &str) -> Watched {
        let log = Log::default();
        let writer = log.clone();
        let lines = telemetry::lines(tracing::Level::DEBUG, move || writer.clone());
        let folder = format!("guerdon-canaries-{name}-{}", std::process::id());
        let folder = Folder(std::env::temp_dir().join(folder));
        fs::create_dir_all(&folder.0).expect("a folder");
        Watched {
            folder,
            log,
            _logging: tracing::subscriber::set_default(lines),
            // Where there is only one, what another thread logs first is forgotten for all.
            _another: tracing::Dispatch::new(tracing_subscriber::registry()),
        }
    }

    fn data(&self) -> Data {
        Data::Folder(self.folder.0.clone())
    }

    /// Looks at every item and every byte of every file, and returns the ledger's rows.
    async fn check_kept(&self, shop: &TestShop) -> usize {
        let rows = items(shop, Table::Ledger).await;
        check_items(&rows);
        let kept = items(shop, Table::Registry).await;
        assert!(kept.len() > 5, "{kept:?}");
        check_items(&kept);
        for (path, bytes) in files(&self.folder.0) {
            check_none(&path.display().to_string(), &bytes);
        }
        rows.len()
    }

    /// Looks at the log, in which there are so many requests.
    fn check_log(&self, requests: usize) -> String {
        let logged = self.log.text();
        check_none("the log", &logged);
        let logged = String::from_utf8(logged).expect("text");
        let of_ours = |line: &&str| line.contains("\"target\":\"edge::telemetry\"");
        assert_eq!(logged.lines().filter(of_ours).count(), requests, "every request was logged");
        logged
    }
}
