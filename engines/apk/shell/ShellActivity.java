package app.shell;

import android.app.Activity;
import android.app.DownloadManager;
import android.content.Context;
import android.content.Intent;
import android.content.pm.PackageManager;
import android.net.Uri;
import android.os.Build;
import android.os.Bundle;
import android.os.Environment;
import android.view.Gravity;
import android.view.View;
import android.view.WindowInsets;
import android.webkit.CookieManager;
import android.webkit.DownloadListener;
import android.webkit.PermissionRequest;
import android.webkit.URLUtil;
import android.webkit.ValueCallback;
import android.webkit.WebChromeClient;
import android.webkit.WebResourceError;
import android.webkit.WebResourceRequest;
import android.webkit.WebSettings;
import android.webkit.WebView;
import android.webkit.WebViewClient;
import android.widget.Button;
import android.widget.FrameLayout;
import android.widget.LinearLayout;
import android.widget.TextView;
import android.window.OnBackInvokedCallback;

/**
 * The whole app: one WebView that shows the app's own hosts and hands every other address to the system.
 *
 * <p>This is the readable original of the .smali files beside it; those are what is assembled. Everything that
 * differs between two brands comes from the activity's meta-data, so the code is the same byte for byte in every app.
 *
 * <p>It refuses: file access, mixed content, `intent:` addresses, microphone, location, and push (a WebView has none).
 */
public final class ShellActivity extends Activity
        implements View.OnClickListener, View.OnApplyWindowInsetsListener, DownloadListener {
    static final int CHOOSE_FILES = 1;
    static final int ASK_CAMERA = 2;

    WebView web;
    View failure;
    boolean failed;
    String startUrl;
    String hosts;
    boolean preview;
    ValueCallback<Uri[]> chosenFiles;
    PermissionRequest cameraRequest;
    /** A BackCallback while it is registered; the static type keeps API 33 classes out of older verifiers. */
    Object backCallback;

    @Override
    protected void onCreate(Bundle state) {
        super.onCreate(state);
        Bundle brand = brand();
        startUrl = brand.getString("shell.start_url");
        hosts = " " + brand.getString("shell.hosts") + " ";
        preview = brand.getBoolean("shell.preview", false);
        int background = brand.getInt("shell.background", -1);

        FrameLayout root = new FrameLayout(this);
        root.setBackgroundColor(background);
        web = new WebView(this);
        web.setBackgroundColor(background);
        root.addView(web);
        failure = failurePage(brand, background);
        root.addView(failure);
        setContentView(root);
        // Older systems keep the content out of the bars themselves.
        if (Build.VERSION.SDK_INT >= 30) root.setOnApplyWindowInsetsListener(this);

        WebSettings settings = web.getSettings();
        settings.setJavaScriptEnabled(true);
        settings.setDomStorageEnabled(true);
        settings.setAllowFileAccess(false);
        settings.setMixedContentMode(WebSettings.MIXED_CONTENT_NEVER_ALLOW);
        settings.setMediaPlaybackRequiresUserGesture(false);
        web.setWebViewClient(new ShellClient(this));
        web.setWebChromeClient(new ShellChrome(this));
        web.setDownloadListener(this);
        if (state == null || web.restoreState(state) == null) open(getIntent(), true);
    }

    Bundle brand() {
        try {
            return getPackageManager().getActivityInfo(getComponentName(), PackageManager.GET_META_DATA).metaData;
        } catch (PackageManager.NameNotFoundException impossible) {
            throw new IllegalStateException(impossible);
        }
    }

    /** Covers the WebView's own error page with the brand's colours, one sentence and one button. */
    View failurePage(Bundle brand, int background) {
        int foreground = brand.getInt("shell.foreground", 0);
        TextView message = new TextView(this);
        message.setText(brand.getString("shell.offline"));
        message.setTextColor(foreground);
        message.setTextSize(18);
        message.setGravity(Gravity.CENTER);
        message.setPadding(64, 64, 64, 64);
        Button retry = new Button(this);
        retry.setText(brand.getString("shell.retry"));
        retry.setOnClickListener(this);
        LinearLayout page = new LinearLayout(this);
        page.setOrientation(LinearLayout.VERTICAL);
        page.setGravity(Gravity.CENTER);
        page.setBackgroundColor(background);
        // Without this a touch would reach the WebView below.
        page.setClickable(true);
        page.addView(message);
        page.addView(retry, new LinearLayout.LayoutParams(-2, -2));
        page.setVisibility(View.GONE);
        return page;
    }

    /** Retry. */
    @Override
    public void onClick(View view) {
        web.reload();
    }

    void pageFinished() {
        failure.setVisibility(failed ? View.VISIBLE : View.GONE);
        historyChanged();
    }

    /** On API 33 and above the system animates "back to home" unless a callback says that there is a page to go back to. */
    void historyChanged() {
        if (Build.VERSION.SDK_INT < 33) return;
        if (web.canGoBack() == (backCallback != null)) return;
        if (backCallback == null) {
            BackCallback callback = new BackCallback(this);
            getOnBackInvokedDispatcher().registerOnBackInvokedCallback(0, callback);
            backCallback = callback;
        } else {
            getOnBackInvokedDispatcher().unregisterOnBackInvokedCallback((OnBackInvokedCallback) backCallback);
            backCallback = null;
        }
    }

    /** Whether an address belongs to the app; plain http only in a preview, whose hosts are all localhost. */
    boolean isOurs(Uri uri) {
        if (uri == null || uri.getHost() == null) return false;
        String scheme = uri.getScheme();
        if (!"https".equals(scheme) && !(preview && "http".equals(scheme))) return false;
        return hosts.contains(" " + uri.getHost() + " ");
    }

    void open(Intent intent, boolean first) {
        Uri uri = intent == null ? null : intent.getData();
        if (isOurs(uri)) {
            web.loadUrl(uri.toString());
        } else if (first) {
            web.loadUrl(startUrl);
        }
    }

    void openOutside(Uri uri) {
        try {
            startActivity(new Intent(Intent.ACTION_VIEW, uri).addCategory(Intent.CATEGORY_BROWSABLE));
        } catch (RuntimeException refused) {
            // Nobody handles the address, or the system forbids to hand it on. A page must not be able to crash the app.
        }
    }

    @Override
    public void onDownloadStart(String url, String userAgent, String disposition, String mimeType, long length) {
        Uri uri = Uri.parse(url);
        if (!isOurs(uri)) {
            openOutside(uri);
            return;
        }
        try {
            download(uri, URLUtil.guessFileName(url, disposition, mimeType), userAgent, mimeType);
        } catch (RuntimeException unavailable) {
            // No download manager, or no storage.
            openOutside(uri);
        }
    }

    void download(Uri uri, String name, String userAgent, String mimeType) {
        DownloadManager.Request request = new DownloadManager.Request(uri);
        request.setMimeType(mimeType);
        request.setTitle(name);
        request.addRequestHeader("Cookie", CookieManager.getInstance().getCookie(uri.toString()));
        request.addRequestHeader("User-Agent", userAgent);
        request.setNotificationVisibility(DownloadManager.Request.VISIBILITY_VISIBLE_NOTIFY_COMPLETED);
        // Before API 29 the public folder needs a storage permission, which this app does not ask for.
        if (Build.VERSION.SDK_INT >= 29) {
            request.setDestinationInExternalPublicDir(Environment.DIRECTORY_DOWNLOADS, name);
        } else {
            request.setDestinationInExternalFilesDir(this, Environment.DIRECTORY_DOWNLOADS, name);
        }
        ((DownloadManager) getSystemService(Context.DOWNLOAD_SERVICE)).enqueue(request);
    }

    @Override
    public WindowInsets onApplyWindowInsets(View view, WindowInsets insets) {
        android.graphics.Insets bars = insets.getInsets(
                WindowInsets.Type.systemBars() | WindowInsets.Type.ime() | WindowInsets.Type.displayCutout());
        view.setPadding(bars.left, bars.top, bars.right, bars.bottom);
        return WindowInsets.CONSUMED;
    }

    @Override
    protected void onNewIntent(Intent intent) {
        super.onNewIntent(intent);
        open(intent, false);
    }

    @Override
    protected void onSaveInstanceState(Bundle state) {
        super.onSaveInstanceState(state);
        web.saveState(state);
    }

    /** Before API 33. */
    @Override
    public void onBackPressed() {
        if (web.canGoBack()) {
            web.goBack();
        } else {
            super.onBackPressed();
        }
    }

    @Override
    protected void onPause() {
        web.onPause();
        super.onPause();
    }

    @Override
    protected void onResume() {
        super.onResume();
        web.onResume();
    }

    @Override
    protected void onDestroy() {
        web.destroy();
        super.onDestroy();
    }

    @Override
    protected void onActivityResult(int request, int result, Intent data) {
        if (request != CHOOSE_FILES || chosenFiles == null) {
            super.onActivityResult(request, result, data);
            return;
        }
        chosenFiles.onReceiveValue(WebChromeClient.FileChooserParams.parseResult(result, data));
        chosenFiles = null;
    }

    @Override
    public void onRequestPermissionsResult(int request, String[] permissions, int[] results) {
        if (cameraRequest == null) return;
        if (results.length > 0 && results[0] == PackageManager.PERMISSION_GRANTED) {
            cameraRequest.grant(cameraRequest.getResources());
        } else {
            cameraRequest.deny();
        }
        cameraRequest = null;
    }
}

/** Keeps the app's own pages inside, sends everything else out, and notices failures. */
final class ShellClient extends WebViewClient {
    final ShellActivity activity;

    ShellClient(ShellActivity activity) {
        this.activity = activity;
    }

    @Override
    public boolean shouldOverrideUrlLoading(WebView view, WebResourceRequest request) {
        // A frame inside our page (a payment form, a map) stays where the page put it.
        if (activity.isOurs(request.getUrl()) || !request.isForMainFrame()) return false;
        activity.openOutside(request.getUrl());
        return true;
    }

    @Override
    public void onPageStarted(WebView view, String url, android.graphics.Bitmap icon) {
        activity.failed = false;
    }

    @Override
    public void onReceivedError(WebView view, WebResourceRequest request, WebResourceError error) {
        if (request.isForMainFrame()) activity.failed = true;
    }

    @Override
    public void onPageFinished(WebView view, String url) {
        activity.pageFinished();
    }

    @Override
    public void doUpdateVisitedHistory(WebView view, String url, boolean isReload) {
        activity.historyChanged();
    }
}

/** Answers what a page asks the browser around it for: files and, if the brand declared it, the camera. */
final class ShellChrome extends WebChromeClient {
    final ShellActivity activity;

    ShellChrome(ShellActivity activity) {
        this.activity = activity;
    }

    @Override
    public boolean onShowFileChooser(WebView view, ValueCallback<Uri[]> callback, FileChooserParams parameters) {
        if (activity.chosenFiles != null) activity.chosenFiles.onReceiveValue(null);
        activity.chosenFiles = callback;
        try {
            activity.startActivityForResult(parameters.createIntent(), ShellActivity.CHOOSE_FILES);
            return true;
        } catch (RuntimeException noPicker) {
            activity.chosenFiles = null;
            return false;
        }
    }

    @Override
    public void onPermissionRequest(PermissionRequest request) {
        String[] resources = request.getResources();
        if (!activity.isOurs(request.getOrigin())
                || resources.length != 1
                || !PermissionRequest.RESOURCE_VIDEO_CAPTURE.equals(resources[0])) {
            request.deny();
            return;
        }
        if (activity.checkSelfPermission("android.permission.CAMERA") == PackageManager.PERMISSION_GRANTED) {
            request.grant(resources);
            return;
        }
        if (activity.cameraRequest != null) activity.cameraRequest.deny();
        activity.cameraRequest = request;
        // Without the permission in the manifest the system answers "denied" at once.
        activity.requestPermissions(new String[] {"android.permission.CAMERA"}, ShellActivity.ASK_CAMERA);
    }
}

/** Goes one page back. Its own class, because its interface exists from API 33 only. */
final class BackCallback implements OnBackInvokedCallback {
    final ShellActivity activity;

    BackCallback(ShellActivity activity) {
        this.activity = activity;
    }

    @Override
    public void onBackInvoked() {
        activity.web.goBack();
    }
}
