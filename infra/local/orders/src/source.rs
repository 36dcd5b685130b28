//! The text of a file, decompressed if it is zstd.

use std::fs::File;
use std::io::{self, BufRead, BufReader, Read};
use std::path::Path;

use ruzstd::decoding::{BlockDecodingStrategy, FrameDecoder};

const ZSTD_MAGIC: [u8; 4] = [0x28, 0xb5, 0x2f, 0xfd];

/// `zstd --long=27`, the largest window that decompresses without a flag.
const WINDOW_BYTES_MAX: u64 = 1 << 27;

pub(crate) fn open(path: &Path) -> io::Result<Box<dyn Read>> {
    let mut file = BufReader::new(File::open(path)?);
    if file.fill_buf()?.starts_with(&ZSTD_MAGIC) {
        Ok(Box::new(Frames::new(file)?))
    } else {
        Ok(Box::new(file))
    }
}

/// Every zstd frame of a source, one after the other: a file may have several,
/// and stopping after the first would lose orders in silence.
struct Frames<R> {
    source: R,
    decoder: FrameDecoder,
}

impl<R: BufRead> Frames<R> {
    fn new(source: R) -> io::Result<Frames<R>> {
        let mut decoder = FrameDecoder::new();
        decoder.set_max_window_size(WINDOW_BYTES_MAX);
        let mut frames = Frames { source, decoder };
        frames.begin_frame()?;
        Ok(frames)
    }

    fn begin_frame(&mut self) -> io::Result<()> {
        self.decoder.reset(&mut self.source).map_err(io::Error::other)
    }

    fn verify_frame(&self) -> io::Result<()> {
        match self.decoder.get_checksum_from_data() {
            Some(sum) if self.decoder.get_calculated_checksum() != Some(sum) => {
                Err(io::Error::new(io::ErrorKind::InvalidData, "the zstd checksum does not match"))
            }
            _ => Ok(()),
        }
    }
}

impl<R: BufRead> Read for Frames<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        loop {
            if self.decoder.can_collect() > 0 {
                return self.decoder.read(buffer);
            }
            if !self.decoder.is_finished() {
                self.decoder
                    .decode_blocks(&mut self.source, BlockDecodingStrategy::UptoBlocks(1))
                    .map_err(io::Error::other)?;
                continue;
            }
            self.verify_frame()?;
            if self.source.fill_buf()?.is_empty() {
                return Ok(0);
            }
            self.begin_frame()?;
        }
    }
}

#[cfg(test)]
mod tests {
    use ruzstd::encoding::{CompressionLevel, compress_to_vec};

    use super::*;

    fn decompress(bytes: &[u8]) -> io::Result<String> {
        let mut text = String::new();
        Frames::new(bytes)?.read_to_string(&mut text)?;
        Ok(text)
    }

    #[test]
    fn every_frame_is_read() {
        let mut bytes = compress_to_vec(&b"one "[..], CompressionLevel::Fastest);
        bytes.extend(compress_to_vec(&b"two"[..], CompressionLevel::Fastest));
        assert_eq!(decompress(&bytes).expect("two frames"), "one two");
    }

    #[test]
    fn a_frame_cut_short_is_an_error() {
        let bytes = compress_to_vec(&b"some text"[..], CompressionLevel::Fastest);
        for length in 0..bytes.len() {
            assert!(decompress(&bytes[..length]).is_err(), "{length} bytes");
        }
    }

    #[test]
    fn a_wrong_checksum_is_an_error() {
        let mut bytes = compress_to_vec(&b"some text"[..], CompressionLevel::Fastest);
        *bytes.last_mut().expect("bytes") ^= 1;
        assert!(decompress(&bytes).is_err());
    }
}
