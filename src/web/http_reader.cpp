#include "web/http_reader.hpp"

#include "web/uri.hpp"

#include <algorithm>
#include <utility>

#include <boost/asio/buffer.hpp>
#include <boost/beast/http/basic_parser.hpp>
#include <boost/beast/http/error.hpp>

namespace beamline::web {

namespace {

namespace http = boost::beast::http;
using error_code = boost::beast::error_code;
using octets = boost::beast::string_view;

// What a request line has beside its target: method, two spaces, version.
constexpr std::size_t request_line_rest_max = 48;

std::string str(octets text) { return {text.data(), text.size()}; }

bool is_digits(std::string_view text) {
  return !text.empty() && std::ranges::all_of(text, [](char c) { return c >= '0' && c <= '9'; });
}

/// Whether a request line is well-formed but for a version that is not ours.
bool names_another_version(std::string_view line) {
  auto at = line.rfind(' ');
  auto version = at == std::string_view::npos ? std::string_view{} : line.substr(at + 1);
  return std::ranges::count(line, ' ') == 2 && version.size() == 8 && version.starts_with("HTTP/")
      && is_digits(version.substr(5, 1)) && version[6] == '.' && is_digits(version.substr(7));
}

}  // namespace

/// Hands what Beast finds to a `request`.
class http_reader::parser final : public http::basic_parser<true> {
public:
  parser(request& req, const web_options& limits) : req_{req} {
    header_limit(static_cast<std::uint32_t>(limits.header_bytes_max + limits.target_bytes_max + request_line_rest_max));
    body_limit(limits.body_bytes_max);
  }
  int version = 11;

private:
  void on_request_impl(http::verb, octets method, octets target, int v, error_code&) override {
    req_.method_text = str(method);
    req_.method = method_from(req_.method_text);
    req_.target = str(target);
    version = v;
  }
  void on_field_impl(http::field, octets name, octets value, error_code&) override {
    if (!is_header_read_)  // Later fields are trailers, which nobody asked for.
      req_.headers.add(str(name), str(value));
  }
  void on_header_impl(error_code&) override { is_header_read_ = true; }
  std::size_t on_body_impl(octets body, error_code&) override {
    req_.body.append(body.data(), body.size());
    return body.size();
  }
  std::size_t on_chunk_body_impl(std::uint64_t, octets body, error_code&) override {
    req_.body.append(body.data(), body.size());
    return body.size();
  }
  void on_response_impl(int, octets, int, error_code&) override {}
  void on_body_init_impl(boost::optional<std::uint64_t> const&, error_code&) override {}
  void on_chunk_header_impl(std::uint64_t, octets, error_code&) override {}
  void on_finish_impl(error_code&) override {}

  request& req_;
  bool is_header_read_ = false;
};

http_reader::http_reader(const web_options& limits) : limits_{limits} {}
http_reader::~http_reader() = default;

void http_reader::append(std::string_view more) { input_.append(more); }

http_reader::state http_reader::fail(int status, std::string detail) {
  refusal_ = {status, std::move(detail)};
  return state_ = state::failed;
}

http_reader::state http_reader::advance() {
  if (state_ == state::idle || state_ == state::head)
    read_head();
  if (state_ == state::body)
    read_body();
  return state_;
}

bool http_reader::wants_continue() { return std::exchange(wants_continue_, false); }

request http_reader::take() {
  auto out = std::exchange(request_, {});
  parser_.reset();
  wants_continue_ = false;
  state_ = state::idle;
  forget_used();
  scanned_ = line_ = used_;
  lines_ = empty_lines_ = 0;
  return out;
}

void http_reader::forget_used() {
  // Moving what is left to the front costs as much as it has octets, so wait until that is worth it.
  if (used_ < input_.size() && used_ < input_.size() / 2)
    return;
  input_.erase(0, used_);
  if (input_.empty())
    input_ = {};
  used_ = 0;
}

/// Looks for the empty line after the fields. Returns true when found or failed.
bool http_reader::scan_head() {
  for (; scanned_ < input_.size(); ++scanned_) {
    auto c = input_[scanned_];
    auto after_cr = scanned_ > line_ && input_[scanned_ - 1] == '\r';
    if (c == '\0')
      return fail(400, "a NUL character is not allowed in the header") == state::failed;
    if (after_cr != (c == '\n'))
      return fail(400, "lines must end with CR LF") == state::failed;
    if (scanned_ == line_ && lines_ > 0 && (c == ' ' || c == '\t'))
      return fail(400, "folded header lines are not allowed") == state::failed;
    if (lines_ == 0 && scanned_ - line_ > limits_.target_bytes_max + request_line_rest_max)
      return fail(414, {}) == state::failed;
    if (lines_ > 0 && scanned_ - used_ > limits_.header_bytes_max + limits_.target_bytes_max)
      return fail(431, {}) == state::failed;
    if (c != '\n')
      continue;
    auto is_empty = scanned_ - line_ == 1;
    line_ = scanned_ + 1;
    if (!is_empty) {
      if (++lines_ > limits_.headers_max + 1)
        return fail(431, "more than " + std::to_string(limits_.headers_max) + " header fields") == state::failed;
    } else if (lines_ > 0) {
      ++scanned_;
      return true;
    } else if (++empty_lines_ > leading_empty_lines_max) {
      return fail(400, "empty lines stand before the request") == state::failed;
    } else {
      used_ = line_;
    }
  }
  return false;
}

http_reader::state http_reader::read_head() {
  if (has_input())
    state_ = state::head;
  if (!scan_head() || state_ == state::failed)
    return state_;
  if (scanned_ - used_ > limits_.header_bytes_max + limits_.target_bytes_max)
    return fail(431, {});

  parser_ = std::make_unique<parser>(request_, limits_);
  auto line = std::string_view{input_}.substr(used_, input_.find('\r', used_) - used_);
  auto ec = error_code{};
  used_ += parser_->put(boost::asio::buffer(input_.data() + used_, scanned_ - used_), ec);
  if (request_.target.size() > limits_.target_bytes_max)
    return fail(414, {});
  if (ec == http::error::body_limit)
    return fail(413, "a request body may have " + std::to_string(limits_.body_bytes_max) + " octets");
  if (ec == http::error::header_limit)
    return fail(431, {});
  if (ec == http::error::bad_version)
    return names_another_version(line)
             ? fail(505, {})
             : fail(400, "the request line is not method, target and version, one space between them");
  if (ec)
    return fail(400, "the request is malformed: " + ec.message());
  if (!check_fields())
    return state_;
  forget_used();
  return state_ = parser_->is_done() ? state::complete : state::body;
}

bool http_reader::check_fields() {
  if (!check_framing() || !check_host())
    return false;
  if (auto expected = request_.headers.find("expect")) {
    if (!iequals(*expected, "100-continue"))
      return fail(417, {}) != state::failed;
    wants_continue_ = parser_->version == 11 && !parser_->is_done();
  }
  auto is_for_server = request_.target == "*" && request_.method == http_method::options;
  auto target = parse_target(is_for_server ? "/" : std::string_view{request_.target});
  if (!target)
    return fail(400, std::move(target).error().message) != state::failed;
  request_.path = is_for_server ? "*" : std::move(target->path);
  request_.segments = std::move(target->segments);
  request_.query_text = std::move(target->query_text);
  request_.query = std::move(target->query);
  request_.cookies = parse_cookies(request_.headers.get("cookie"));
  request_.http_minor = parser_->version - 10;
  request_.keep_alive = parser_->keep_alive();
  return true;
}

bool http_reader::check_framing() {
  const auto& headers = request_.headers;
  auto coding = headers.find("transfer-encoding");
  auto length = headers.find("content-length");
  if (headers.count("content-length") > 1)
    return fail(400, "Content-Length occurs twice") != state::failed;
  if (length && !is_digits(*length))
    return fail(400, "Content-Length is not a number") != state::failed;
  if (!coding)
    return true;
  if (length)
    return fail(400, "Content-Length and Transfer-Encoding exclude each other") != state::failed;
  if (parser_->version < 11 || headers.count("transfer-encoding") > 1)
    return fail(400, "Transfer-Encoding may occur once, in HTTP/1.1") != state::failed;
  if (!iequals(*coding, "chunked"))
    return fail(501, "the only Transfer-Encoding understood is chunked") != state::failed;
  return true;
}

bool http_reader::check_host() {
  auto hosts = request_.headers.count("host");
  if (hosts > 1 || (hosts == 0 && parser_->version == 11))
    return fail(400, hosts == 0 ? "the Host header is missing" : "the Host header occurs twice") != state::failed;
  auto host = request_.headers.get("host");
  auto allowed = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9')
        || std::string_view{"-._~:[]%!$&'()*+,;="}.find(c) != std::string_view::npos;
  };
  if (!std::ranges::all_of(host, allowed))
    return fail(400, "the Host header is not a host") != state::failed;
  return true;
}

http_reader::state http_reader::read_body() {
  while (!parser_->is_done() && has_input()) {
    auto ec = error_code{};
    auto taken = parser_->put(boost::asio::buffer(input_.data() + used_, input_.size() - used_), ec);
    used_ += taken;
    if (ec == http::error::need_more) {
      if (input_.size() - used_ > chunk_line_bytes_max)
        return fail(400, "a line between chunks is too long");
      break;
    }
    if (ec == http::error::body_limit || ec == http::error::buffer_overflow)
      return fail(413, "a request body may have " + std::to_string(limits_.body_bytes_max) + " octets");
    if (ec)
      return fail(400, "the request body is malformed: " + ec.message());
  }
  forget_used();
  return parser_->is_done() ? state_ = state::complete : state_;
}

}  // namespace beamline::web
