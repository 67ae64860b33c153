# Assembled from this text; the readable original is ShellActivity.java.
.class final Lapp/shell/ShellClient;
.super Landroid/webkit/WebViewClient;
.field final activity:Lapp/shell/ShellActivity;

.method constructor <init>(Lapp/shell/ShellActivity;)V
    .registers 2
    invoke-direct {p0}, Landroid/webkit/WebViewClient;-><init>()V
    iput-object p1, p0, Lapp/shell/ShellClient;->activity:Lapp/shell/ShellActivity;
    return-void
.end method

.method public doUpdateVisitedHistory(Landroid/webkit/WebView;Ljava/lang/String;Z)V
    .registers 4
    iget-object p1, p0, Lapp/shell/ShellClient;->activity:Lapp/shell/ShellActivity;
    invoke-virtual {p1}, Lapp/shell/ShellActivity;->historyChanged()V
    return-void
.end method

.method public onPageFinished(Landroid/webkit/WebView;Ljava/lang/String;)V
    .registers 3
    iget-object p1, p0, Lapp/shell/ShellClient;->activity:Lapp/shell/ShellActivity;
    invoke-virtual {p1}, Lapp/shell/ShellActivity;->pageFinished()V
    return-void
.end method

.method public onPageStarted(Landroid/webkit/WebView;Ljava/lang/String;Landroid/graphics/Bitmap;)V
    .registers 4
    iget-object p1, p0, Lapp/shell/ShellClient;->activity:Lapp/shell/ShellActivity;
    const/4 p2, 0x0
    iput-boolean p2, p1, Lapp/shell/ShellActivity;->failed:Z
    return-void
.end method

.method public onReceivedError(Landroid/webkit/WebView;Landroid/webkit/WebResourceRequest;Landroid/webkit/WebResourceError;)V
    .registers 4
    invoke-interface {p2}, Landroid/webkit/WebResourceRequest;->isForMainFrame()Z
    move-result p1
    if-eqz p1, :cond_b
    iget-object p1, p0, Lapp/shell/ShellClient;->activity:Lapp/shell/ShellActivity;
    const/4 p2, 0x1
    iput-boolean p2, p1, Lapp/shell/ShellActivity;->failed:Z
    :cond_b
    return-void
.end method

.method public shouldOverrideUrlLoading(Landroid/webkit/WebView;Landroid/webkit/WebResourceRequest;)Z
    .registers 4
    iget-object p1, p0, Lapp/shell/ShellClient;->activity:Lapp/shell/ShellActivity;
    invoke-interface {p2}, Landroid/webkit/WebResourceRequest;->getUrl()Landroid/net/Uri;
    move-result-object v0
    invoke-virtual {p1, v0}, Lapp/shell/ShellActivity;->isOurs(Landroid/net/Uri;)Z
    move-result p1
    if-nez p1, :cond_1e
    invoke-interface {p2}, Landroid/webkit/WebResourceRequest;->isForMainFrame()Z
    move-result p1
    if-nez p1, :cond_13
    goto :goto_1e
    :cond_13
    iget-object p1, p0, Lapp/shell/ShellClient;->activity:Lapp/shell/ShellActivity;
    invoke-interface {p2}, Landroid/webkit/WebResourceRequest;->getUrl()Landroid/net/Uri;
    move-result-object p2
    invoke-virtual {p1, p2}, Lapp/shell/ShellActivity;->openOutside(Landroid/net/Uri;)V
    const/4 p1, 0x1
    return p1
    :cond_1e
    :goto_1e
    const/4 p1, 0x0
    return p1
.end method
