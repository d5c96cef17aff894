#pragma once

#include "web/live/page.hpp"
#include "web/live/tokens.hpp"
#include "web/live/view_process.hpp"
#include "web/responder.hpp"
#include "web/session.hpp"

namespace beamline::web::live {

/// The process that makes the first HTML of a page: mounts the view without a connection, answers the request and
/// ends. A view that throws leaves the request to the responder's 500.
class dead_render final : public view_process {
public:
  struct setup {
    std::unique_ptr<view> what;
    mount_params mount;
    session_token token;  // Complete but for the view id.
    page_title title;
    std::string csrf_token;
    flash_messages flash;
    route_function route;
    const page_tokens* tokens = nullptr;
    const page_layout* layout = nullptr;
    std::vector<std::string> cookies;  // `set-cookie` headers of the answer.
    bool is_secure = false;            // Browsers reach the site by https: so must its cookies.
    std::shared_ptr<responder> answer;
  };

  dead_render(process_context& c, setup s);

private:
  behavior init() override;
  void changed() override {}
  [[nodiscard]] web::response page();
  [[nodiscard]] web::response redirect_response(const std::string& to);

  setup setup_;
};

/// The cookie in which a flash message travels over a page load (protocol note, section 11).
inline constexpr std::string_view flash_cookie = "__phoenix_flash__";

}  // namespace beamline::web::live
