//! What stays on disk, and who may open it.

use std::time::Duration;

use aws_sdk_dynamodb::types::StreamViewType;
use local_dynamodb::{EmbeddedDynamoDb, OpenError};
use tokio::net::TcpListener;
use tokio::time::timeout;

use crate::local::{Folder, Local, Outcome, n, s};
use crate::stream::{Start, notes, read_from, sequences};

#[tokio::test]
async fn a_file_opened_again_has_its_items_and_its_stream() -> Outcome {
    let local = Local::with_ledger().await?;
    local.put("ada", 1, "one").await?;
    local.put("ada", 2, "two").await?;
    let before = read_from(&local, "ledger", Start::Oldest).await?;

    let local = Local::start_in(local.stop().await?).await?;
    local.put("ada", 3, "three").await?;
    let first = local.items.get_item().table_name("ledger");
    let first = first.key("chain", s("ada")).key("seq", n(1)).send().await?;
    assert_eq!(first.item.ok_or("it is gone")?["note"], s("one"));
    let after = read_from(&local, "ledger", Start::Oldest).await?;
    assert_eq!(notes(&after), ["one", "two", "three"]);
    assert_eq!(sequences(&after)[..2], sequences(&before));
    let position = sequences(&before)[1];
    assert_eq!(notes(&read_from(&local, "ledger", Start::After(position)).await?), ["three"]);
    Ok(())
}

#[tokio::test]
async fn a_second_one_is_told_that_the_folder_is_in_use() -> Outcome {
    let folder = Folder::new();
    let first = EmbeddedDynamoDb::open(&folder.database())?;
    let Err(refused @ OpenError::Locked { .. }) = EmbeddedDynamoDb::open(&folder.database()) else {
        return Err("the folder was opened twice".into());
    };
    let expected = format!(
        "the data in {} is in use by another process: stop that one, or choose another folder",
        folder.path().display()
    );
    assert_eq!(refused.to_string(), expected);

    drop(first);
    EmbeddedDynamoDb::open(&folder.database())?;
    Ok(())
}

#[tokio::test]
async fn a_file_that_is_no_database_is_named() -> Outcome {
    let folder = Folder::new();
    std::fs::create_dir_all(folder.path())?;
    std::fs::write(folder.database(), "x".repeat(5_000))?;
    let refused = EmbeddedDynamoDb::open(&folder.database()).err().ok_or("it was opened")?;
    assert!(matches!(refused, OpenError::Database { .. }), "{refused:?}");
    assert!(refused.to_string().contains("dynamodb.sqlite"), "{refused}");
    Ok(())
}

#[tokio::test]
async fn it_stops_at_once_though_clients_keep_their_connections() -> Outcome {
    let local = Local::start().await?;
    local.table("ledger", StreamViewType::NewImage).await?;
    timeout(Duration::from_secs(5), local.stop()).await??;
    Ok(())
}

#[tokio::test]
async fn it_listens_to_this_machine_only() -> Outcome {
    let folder = Folder::new();
    let database = EmbeddedDynamoDb::open(&folder.database())?;
    let everywhere = TcpListener::bind("0.0.0.0:0").await?;
    let refused = database.serve(everywhere, std::future::ready(())).await;
    let message = refused.err().ok_or("it served")?.to_string();
    assert!(message.ends_with("is not a loopback address"), "{message}");
    Ok(())
}
