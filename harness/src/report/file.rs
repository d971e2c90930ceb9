//! Files that are there whole or not at all.

use std::fmt;
use std::io::{self, Write};
use std::path::{Path, PathBuf};

/// A file that could not be written.
#[derive(Debug)]
pub struct WriteError {
    /// The file.
    pub path: PathBuf,
    /// Why.
    pub cause: io::Error,
}

impl WriteError {
    pub(super) fn at(path: &Path) -> impl FnOnce(io::Error) -> Self + use<> {
        let path = path.to_owned();
        move |cause| Self { path, cause }
    }
}

impl fmt::Display for WriteError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "cannot write {}: {}", self.path.display(), self.cause)
    }
}

impl std::error::Error for WriteError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        Some(&self.cause)
    }
}

/// Writes a file by way of a temporary one beside it, so that a reader finds the old content or the new and
/// never a part. Missing directories are made. A link stays one: what it leads to is replaced. What is no file, such
/// as a pipe or a terminal, is written to.
///
/// # Errors
/// When the directory or the file cannot be written; nothing is left behind.
pub fn write_atomically(path: &Path, content: impl AsRef<[u8]>) -> Result<(), WriteError> {
    if std::fs::metadata(path).is_ok_and(|there| !there.is_file() && !there.is_dir()) {
        let opened = std::fs::OpenOptions::new().write(true).open(path);
        return opened.and_then(|mut pipe| pipe.write_all(content.as_ref())).map_err(WriteError::at(path));
    }
    let target = target(path).map_err(WriteError::at(path))?;
    let path = target.as_path();
    let directory = match path.parent() {
        Some(parent) if parent != Path::new("") => parent,
        _ => Path::new("."),
    };
    std::fs::create_dir_all(directory).map_err(WriteError::at(directory))?;
    let mut builder = tempfile::Builder::new();
    builder.prefix(".proofmark-");
    // A temporary file is private by default; a report is as readable as the user's umask says.
    #[cfg(unix)]
    builder.permissions(std::os::unix::fs::PermissionsExt::from_mode(0o666));
    let mut file = builder.tempfile_in(directory).map_err(WriteError::at(path))?;
    file.write_all(content.as_ref()).map_err(WriteError::at(path))?;
    file.persist(path).map_err(|failed| WriteError { path: path.to_owned(), cause: failed.error })?;
    Ok(())
}

/// Where a link leads, and whatever it leads to: a file that need not be there yet.
fn target(path: &Path) -> io::Result<PathBuf> {
    let mut path = path.to_owned();
    for _ in 0..MOST_LINKS {
        match std::fs::read_link(&path) {
            // What a link says begins where the link is, unless it begins at the root.
            Ok(next) => path = path.parent().unwrap_or(Path::new("")).join(next),
            Err(_) => return Ok(path),
        }
    }
    Err(io::Error::other("too many links lead on from there"))
}

/// As many as Linux follows.
const MOST_LINKS: usize = 40;

#[cfg(test)]
mod tests {
    use super::*;

    #[cfg(unix)]
    #[test]
    fn links_and_pipes_stay_what_they_are() {
        use std::os::unix::fs::{FileTypeExt, symlink};
        let directory = tempfile::tempdir().unwrap();
        let at = |name: &str| directory.path().join(name);
        std::fs::create_dir(at("elsewhere")).unwrap();
        symlink("elsewhere/second", at("first")).unwrap();
        symlink("file.xml", at("elsewhere/second")).unwrap();
        for content in ["there was no file", "there was one"] {
            write_atomically(&at("first"), content).unwrap();
            assert_eq!(std::fs::read_to_string(at("elsewhere/file.xml")).unwrap(), content);
            assert!(at("first").is_symlink() && at("elsewhere/second").is_symlink());
        }
        symlink("round", at("round")).unwrap();
        assert!(write_atomically(&at("round"), "").is_err());

        assert!(std::process::Command::new("mkfifo").arg(at("pipe")).status().unwrap().success());
        let reader = std::thread::spawn({
            let pipe = at("pipe");
            move || std::fs::read_to_string(pipe).unwrap()
        });
        write_atomically(&at("pipe"), "through the pipe").unwrap();
        assert_eq!(reader.join().unwrap(), "through the pipe");
        assert!(std::fs::metadata(at("pipe")).unwrap().file_type().is_fifo());
        write_atomically(Path::new("/dev/null"), "nothing").unwrap();
        assert!(!std::fs::metadata("/dev/null").unwrap().is_file());
    }

    #[test]
    fn replaces_a_file_and_leaves_nothing_beside_it() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("deep/er/index.html");
        write_atomically(&path, b"old").unwrap();
        write_atomically(&path, b"new").unwrap();

        assert_eq!(std::fs::read(&path).unwrap(), b"new");
        assert_eq!(std::fs::read_dir(path.parent().unwrap()).unwrap().count(), 1);
    }

    #[test]
    fn an_error_names_the_path() {
        let directory = tempfile::tempdir().unwrap();
        let occupied = directory.path().join("file");
        std::fs::write(&occupied, "").unwrap();

        let error = write_atomically(&occupied.join("index.html"), b"").unwrap_err();
        assert!(error.to_string().contains(&occupied.display().to_string()), "{error}");
        let error = write_atomically(directory.path(), b"").unwrap_err();
        assert!(error.to_string().contains(&directory.path().display().to_string()), "{error}");
    }
}
