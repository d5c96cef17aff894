#include "apps/event_horizon/files.hpp"

#include "apps/event_horizon/content/scan.hpp"

#include <optional>
#include <utility>

namespace beamline::event_horizon {

namespace {

constexpr std::string_view retry_after_s = "2";
// A day without asking; then the ETag decides.
constexpr std::string_view cache_control = "public, max-age=86400";
// A picture may bring styles of its own, as SVG does, and nothing that runs.
constexpr std::string_view policy = "default-src 'none'; style-src 'unsafe-inline'; img-src data:; sandbox";

std::string etag_of(const scanned_file& f) {
  return "\"" + std::to_string(f.octets) + "-" + std::to_string(f.changed) + "\"";
}

web::response about(const scanned_file& f, const std::string& etag, int status) {
  auto out = web::response::empty(status);
  out.headers.add("content-type", std::string{f.type});
  out.headers.add("etag", etag);
  out.headers.add("cache-control", std::string{cache_control});
  out.headers.add("content-security-policy", std::string{policy});
  return out;
}

}  // namespace

content_files::content content_files::shelf::find(const std::string& key) {
  auto lock = std::scoped_lock{mutex_};
  auto found = entries_.find(key);
  if (found == entries_.end())
    return nullptr;
  keys_.splice(keys_.end(), keys_, found->second.at);
  return found->second.what;
}

void content_files::shelf::put(const std::string& key, content what) {
  auto lock = std::scoped_lock{mutex_};
  if (what->size() > files_cache_bytes_max / 4 || entries_.contains(key))
    return;
  octets_ += what->size();
  entries_.emplace(key, entry{std::move(what), keys_.insert(keys_.end(), key)});
  while (octets_ > files_cache_bytes_max) {
    auto oldest = entries_.find(keys_.front());
    octets_ -= oldest->second.what->size();
    entries_.erase(oldest);
    keys_.pop_front();
  }
}

bool content_files::shelf::begin_read() {
  auto lock = std::scoped_lock{mutex_};
  return reads_ < file_reads_max && ++reads_ > 0;
}

void content_files::shelf::end_read() {
  auto lock = std::scoped_lock{mutex_};
  --reads_;
}

void content_files::serve(std::string_view path, web::responder answer) const {
  auto now = posts_.now();
  const auto* file = now->file(path);
  if (file == nullptr)
    return answer.send(web::response::not_found(answer.req()));
  auto etag = etag_of(*file);
  if (answer.req().header("if-none-match").find(etag) != std::string_view::npos)
    return answer.send(about(*file, etag, 304));
  auto key = etag + file->path;
  if (auto known = shelf_->find(key)) {
    auto out = about(*file, etag, 200);
    out.body = std::move(known);
    return answer.send(std::move(out));
  }
  if (!shelf_->begin_read())
    return answer.send(web::response::failure(answer.req(), 503, "Too many files are being read; try again soon.")
                           .with("retry-after", std::string{retry_after_s}));
  // Jobs are copied, the duty to answer is not.
  auto duty = std::make_shared<web::responder>(std::move(answer));
  disk_->run([shelf = shelf_, duty, what = *file, etag, key] {
    auto text = read_file(what.where, file_bytes_max);
    shelf->end_read();
    if (!text)  // Gone since the folder was looked at.
      return duty->send(web::response::not_found(duty->req()));
    auto out = about(what, etag, 200);
    auto read = std::make_shared<const std::string>(*std::move(text));
    // One that has changed since then is known by its new name soon.
    if (read->size() == what.octets)
      shelf->put(key, read);
    out.body = std::move(read);
    duty->send(std::move(out));
  });
}

void content_files::mount(web::router& routes) const {
  routes.get(std::string{files_prefix} + "*file",
             [this](const web::request& req, web::responder answer) { serve(req.param("file"), std::move(answer)); });
}

}  // namespace beamline::event_horizon
