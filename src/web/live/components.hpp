#pragma once

// All built-in function components, for templates: <%@ include "web/live/components.hpp" %>

#include "web/live/components/async_result.hpp"
#include "web/live/components/flash.hpp"
#include "web/live/components/form.hpp"
#include "web/live/components/link.hpp"
#include "web/live/components/page.hpp"
